import { expect, test } from "vitest";
import { htmlTable } from "./html";

const withoutStyles = (markup: string) => markup.replace(/ style="[^"]*"/g, "");

test("a table escapes every text, and inserts markup as it is", () => {
  const table = htmlTable([["<1>", { html: "<b>2</b>" }]], {
    columns: ["<3>", "4"],
    names: ["<5>"],
    corner: "<6>",
    title: "<7>",
    caption: "<8>",
    label: '"9"',
  });
  expect(withoutStyles(table)).toBe(
    '<div>&#60;7&#62;</div><table aria-label="&#34;9&#34;">' +
      "<thead><tr><th>&#60;6&#62;</th><th>&#60;3&#62;</th><th>4</th></tr></thead>" +
      "<tbody><tr><th>&#60;5&#62;</th><td>&#60;1&#62;</td><td><b>2</b></td></tr></tbody></table>" +
      "<div>&#60;8&#62;</div>",
  );
});

test("spaces in a cell are kept, and only such a cell has a style of its own", () => {
  const table = htmlTable([["a  b", "ab"]]);
  expect(table).toContain('<td style="white-space:pre">a  b</td><td>ab</td>');
});
