const BARS = "▁▂▃▄▅▆▇█";

/** The shape of a curve in one line of at most `width` characters: from nothing (`▁`) to its greatest value (`█`). */
export function sparkline(values: readonly number[], width: number): string {
  const columns = Math.min(width, values.length);
  const most = Math.max(0, ...values);
  let line = "";
  for (let column = 0; column < columns; column++) {
    const from = Math.floor((column * values.length) / columns);
    const to = Math.floor(((column + 1) * values.length) / columns);
    // Of several values in a column the greatest shows, so that no peak is lost.
    const value = Math.max(...values.slice(from, to));
    line += BARS[most > 0 ? Math.ceil((value / most) * (BARS.length - 1) - 1e-9) : 0];
  }
  return line;
}

/**
 * Parts of a whole as a bar of exactly `width` characters, each part in its own. By largest remainders. A part of less
 * than nothing takes no room.
 */
export function stackedBar(parts: readonly { readonly size: number; readonly glyph: string }[], width: number): string {
  const sizes = parts.map(({ size }) => Math.max(0, size));
  const whole = sizes.reduce((sum, size) => sum + size, 0);
  if (whole === 0) return " ".repeat(width);
  const exact = sizes.map((size) => (size / whole) * width);
  const cells = exact.map(Math.floor);
  const byRemainder = parts.map((_, i) => i).sort((a, b) => exact[b] - cells[b] - (exact[a] - cells[a]) || a - b);
  for (let left = width - cells.reduce((sum, n) => sum + n, 0), i = 0; left > 0; left--, i++) cells[byRemainder[i]]++;
  return parts.map(({ glyph }, i) => glyph.repeat(cells[i])).join("");
}
