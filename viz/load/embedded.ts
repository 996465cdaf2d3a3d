import type { Source } from "./open.ts";

/**
 * What a report carries with it: each document is a `<script type="application/octet-stream">` with its name in
 * `data-name` and its bytes in base 64, so that it can be looked at wherever the file is, without any server.
 */
export function embedded(page: Document = document): Source[] {
  const found = page.querySelectorAll<HTMLScriptElement>('script[type="application/octet-stream"][data-name]');
  return [...found].map((script) => ({ name: script.dataset.name!, from: new Blob([bytesOf(script.text)]) }));
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64.trim());
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}
