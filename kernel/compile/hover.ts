/** Format a hover: the signature of a name and its doc comment, as text and as Markdown. */

import type * as TypeScript from "@tslab/typescript-for-tslab";
import { withoutPaths } from "./paths";

/** The content of a hover. */
export interface Hover {
  readonly signature: string;
  readonly text: string;
  readonly markdown: string;
}

type Parts = readonly { readonly text: string }[] | undefined;

/** A tag of a doc comment, such as `@param x - a number`, and the paragraphs that follow it. */
interface Tag {
  readonly name: string;
  readonly subject: string;
  readonly words: string;
  readonly after: readonly string[];
}

/** Format the compiler's information about a name. */
export function hoverOf({ displayParts, documentation, tags = [] }: TypeScript.QuickInfo): Hover {
  const signature = withoutPaths(joined(displayParts))
    .replace(/^\(alias\) /, "")
    // Remove the import or export: it is the same for all preloaded names.
    .replace(/\n(import|export) .*$/, "");
  const about = withoutLinks(joined(documentation));
  const all = tags.map(({ name, text }) => tagOf(name, withoutLinks(joined(text))));
  const paragraphs = all.flatMap(({ after }) => after);
  return {
    signature,
    text: [signature, about, all.map(plainTag).join("\n"), ...paragraphs].filter(Boolean).join("\n\n"),
    markdown: [fenced(signature), about, ...markdownTags(all), ...paragraphs].filter(Boolean).join("\n\n"),
  };
}

/** Format code for Markdown. */
export function fenced(code: string): string {
  return `\`\`\`typescript\n${code}\n\`\`\``;
}

function tagOf(name: string, text: string): Tag {
  if (name === "example") return { name, subject: "", words: text, after: [] };
  // The compiler adds the paragraphs below the last tag to that tag.
  const [first = "", ...after] = text.split(/\n\s*\n/);
  const pattern = name === "param" ? /^(\S+)\s+(?:-\s*)?/ : name === "throws" ? /^\{([^}]*)\}\s*/ : undefined;
  const subject = pattern?.exec(`${first} `);
  return {
    name,
    subject: subject?.[1] ?? "",
    words: (subject ? first.slice(subject[0].length) : first).replace(/\s*\n\s*/g, " "),
    after,
  };
}

function plainTag({ name, subject, words }: Tag): string {
  if (name === "example") return `@example\n${words}`;
  const about = name === "param" && words !== "" ? `${subject} - ${words}` : `${subject} ${words}`.trim();
  return `@${name} ${about}`.trim();
}

const TITLES: Readonly<Record<string, string>> = {
  param: "Parameters",
  returns: "Returns",
  throws: "Throws",
};

function markdownTags(tags: readonly Tag[]): string[] {
  const names = [...new Set(tags.map(({ name }) => name))];
  return names.map((name) => {
    const own = tags.filter((tag) => tag.name === name);
    if (name === "example") return own.map(({ words }) => `**Example**\n\n${fenced(words)}`).join("\n\n");
    const lines = own.map(({ subject, words }) =>
      [subject && `\`${subject}\``, words].filter(Boolean).join(": "),
    );
    const title = `**${TITLES[name] ?? name}**`;
    if (lines.length === 1 && name !== "param") return `${title} ${lines[0]}`.trim();
    return `${title}\n\n${lines.map((line) => `- ${line}`).join("\n")}`;
  });
}

function joined(parts: Parts): string {
  return (parts ?? []).map(({ text }) => text).join("");
}

/** Replace each link by its label, or by the name in code if it has none. */
function withoutLinks(comment: string): string {
  return comment.replace(/\{@link(?:code|plain)? ([^\s}|]+)(?:[\s|]+([^}]*))?\}/g, (_, name, label) =>
    label ? String(label) : `\`${name}\``,
  );
}
