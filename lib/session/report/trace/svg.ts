import { formatBytes, formatMs } from "../../../text/figures";
import { escapeHtml } from "../../../text/html";
import { type KindSum, orDash, type Row } from "./rows";

/** The content of a drawing. */
export interface Picture {
  readonly party: 0 | 1;
  readonly caption: string;
  readonly rows: readonly Row[];
  readonly sums: readonly KindSum[];
}

// All measures in pixels; colours are between light and dark, and text takes the colour of the page.
const WIDTH = 860;
const MARGIN = 8;
const LANES = [390, 620] as const;
const ROUNDS_AT = 712;
const BYTES_AT = [790, WIDTH - MARGIN] as const;
const HEIGHT = { heading: 26, arrow: 27, group: 27, gap: 20, bar: 20 };
const COLOURS = ["#4c8bf5", "#e8710a"] as const;
const BAR_COLOUR = "#26a69a";
const CODE = 'font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace"';
/** The maximum characters of an operation's name left of the lanes, in monospace. */
const NAME_LENGTH = 40;
const BAR_COLUMNS = [230, 440, 650] as const;
const BAR_WIDTH = 120;

/** Draw the sequence diagram and the bars below it, as one SVG image of bounded height. */
export function drawSvg({ party, caption, rows, sums }: Picture): string {
  const parts: string[] = [text(MARGIN, 16, caption, 'font-weight="600"')];
  let y = 44;
  for (const lane of [0, 1] as const) {
    const name = `party ${lane}${lane === party ? " (this one)" : ""}`;
    parts.push(text(LANES[lane], y, name, `text-anchor="middle" font-weight="600" fill="${COLOURS[lane]}"`));
  }
  parts.push(text(ROUNDS_AT, y, "round", `text-anchor="middle" ${FAINT}`));
  parts.push(text(BYTES_AT[0], y, "0 → 1", `text-anchor="end" ${FAINT}`));
  parts.push(text(BYTES_AT[1], y, "1 → 0", `text-anchor="end" ${FAINT}`));
  y += 8;
  const top = y;
  const drawn = rows.map((row) => {
    const height = HEIGHT[row.type];
    y += height;
    return drawRow(row, party, y - height, height);
  });
  for (const lane of [0, 1] as const) {
    const [x, end] = [LANES[lane], y + 6];
    parts.push(`<path d="M${x} ${top}V${end}" stroke="${COLOURS[lane]}" stroke-width="2" opacity="0.6"/>`);
  }
  parts.push(...drawn);
  y += 36;
  if (sums.length > 0) {
    parts.push(drawBars(sums, y));
    y += (sums.length + 1) * HEIGHT.bar;
  }
  const style = "max-width:100%;height:auto;display:block";
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" width="${WIDTH}" height="${y}" ` +
    `style="${style}" role="img" aria-label="${escapeHtml(caption)}" font-family="system-ui, sans-serif" ` +
    `font-size="12" fill="currentColor">${parts.join("")}</svg>`
  );
}

const FAINT = 'opacity="0.65"';

function drawRow(row: Row, party: 0 | 1, top: number, height: number): string {
  const middle = (LANES[0] + LANES[1]) / 2;
  const base = top + height - 8;
  if (row.type === "gap") return text(middle, base + 2, row.text, `text-anchor="middle" ${FAINT}`);
  if (row.type === "heading") {
    const rule = `<path d="M${MARGIN} ${top + 4}H${WIDTH - MARGIN}" stroke="currentColor" opacity="0.15"/>`;
    return hover(rule + name(row.cell, row.text, base), row.title, top, height);
  }
  const [right, left] = party === 0 ? ["Sent", "Received"] : ["Received", "Sent"];
  const messages = { Sent: row.messagesSent, Received: row.messagesReceived };
  const bytes = { Sent: row.bytesSent, Received: row.bytesReceived };
  type Way = keyof typeof bytes;
  const [toOne, toZero] = [messages[right as Way] > 0, messages[left as Way] > 0];
  const [bytesToOne, bytesToZero] = [bytes[right as Way], bytes[left as Way]];
  const many = row.messagesSent + row.messagesReceived;
  const label = row.type === "arrow" ? row.label : `${many} message${many === 1 ? "" : "s"}`;
  const size = `${formatBytes(bytesToOne)} from party 0, ${formatBytes(bytesToZero)} from party 1`;
  const title = [row.title, ...(row.rounds ? [`round ${row.rounds}`] : []), size].join("; ");
  const parts = [
    row.type === "group" ? name(row.cell, row.text, base) : "",
    text(middle, base - 5, label, 'text-anchor="middle" font-size="11"'),
    arrow(base, toOne, toZero, bytesToOne + bytesToZero),
    text(ROUNDS_AT, base, row.rounds, 'text-anchor="middle"'),
    toOne ? text(BYTES_AT[0], base, formatBytes(bytesToOne), 'text-anchor="end"') : "",
    toZero ? text(BYTES_AT[1], base, formatBytes(bytesToZero), 'text-anchor="end"') : "",
  ];
  return hover(parts.join(""), title, top, height);
}

/** Draw an arrow between the lanes, with a head at each receiving end; thicker for more bytes. */
function arrow(y: number, toOne: boolean, toZero: boolean, bytes: number): string {
  const [from, to] = [LANES[0] + 3, LANES[1] - 3];
  const width = (1 + Math.min(2.5, Math.log10(1 + bytes) / 3)).toFixed(1);
  const colour = toOne && toZero ? "currentColor" : COLOURS[toOne ? 0 : 1];
  const line = `<path d="M${toZero ? from + 6 : from} ${y}H${toOne ? to - 6 : to}" stroke-width="${width}"/>`;
  const head = (x: number, back: number) => `<path d="M${x} ${y}l${back} -4v8z" stroke="none"/>`;
  const heads = (toOne ? head(to, -8) : "") + (toZero ? head(from, 8) : "");
  return `<g stroke="${colour}" fill="${colour}" opacity="0.85">${line}${heads}</g>`;
}

function drawBars(sums: readonly KindSum[], top: number): string {
  const columns: readonly [string, (sum: KindSum) => number, (value: number) => string][] = [
    ["rounds", ({ rounds }) => rounds, String],
    ["bytes, both ways", ({ bytes }) => bytes, formatBytes],
    ["time", ({ ms }) => ms, formatMs],
  ];
  const headings = columns.map(([heading], i) => text(BAR_COLUMNS[i]!, top, heading, FAINT));
  const lines = sums.map((sum, line) => {
    const y = top + (line + 1) * HEIGHT.bar;
    const bars = columns.map(([, read, format], i) => {
      const most = Math.max(...sums.map(read), Number.MIN_VALUE);
      const [x, length] = [BAR_COLUMNS[i]!, (BAR_WIDTH * read(sum)) / most];
      const bar = `<rect x="${x}" y="${y - 10}" width="${length.toFixed(1)}" height="12" rx="2" fill="${BAR_COLOUR}"/>`;
      return bar + text(x + length + 6, y, orDash(format)(read(sum)), 'font-size="11"');
    });
    const label = sum.operations === 1 ? sum.kind : `${sum.kind} × ${sum.operations}`;
    return text(MARGIN, y, shorten(label, 28), CODE) + bars.join("");
  });
  return [text(MARGIN, top, "by kind of operation", FAINT), ...headings, ...lines].join("");
}

function name(cell: string, operation: string, y: number): string {
  const room = NAME_LENGTH - (cell === "" ? 0 : cell.length + 1);
  const label = cell === "" ? "" : `<tspan fill-opacity="0.7">${escapeHtml(cell)}</tspan> `;
  return `<text x="${MARGIN}" y="${y}" ${CODE}>${label}${escapeHtml(shorten(operation, room))}</text>`;
}

/** Add a tooltip to the whole row. */
function hover(content: string, title: string, top: number, height: number): string {
  const area = `<rect x="0" y="${top}" width="${WIDTH}" height="${height}" fill="transparent"/>`;
  return `<g><title>${escapeHtml(title)}</title>${area}${content}</g>`;
}

function text(x: number, y: number, content: string, attributes = ""): string {
  return content === "" ? "" : `<text x="${x}" y="${y}" ${attributes}>${escapeHtml(content)}</text>`;
}

function shorten(name: string, length: number): string {
  return name.length <= length ? name : `${name.slice(0, length - 1)}…`;
}
