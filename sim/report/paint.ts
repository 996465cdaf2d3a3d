/** Colours for a terminal, or none. */
export interface Paint {
  strong(text: string): string;
  faint(text: string): string;
  good(text: string): string;
  warn(text: string): string;
  bad(text: string): string;
}

const PLAIN: Paint = { strong: same, faint: same, good: same, warn: same, bad: same };

const ANSI: Paint = {
  strong: code(1, 22),
  faint: code(2, 22),
  good: code(32, 39),
  warn: code(33, 39),
  bad: code(31, 39),
};

export function paint(colour: boolean): Paint {
  return colour ? ANSI : PLAIN;
}

function same(text: string): string {
  return text;
}

function code(on: number, off: number): (text: string) => string {
  return (text) => (text === "" ? "" : `\u001b[${on}m${text}\u001b[${off}m`);
}
