// Colours for code, as one reads it in a chat: comments, strings, numbers, keywords. A scanner of
// a few lines for each family of languages does; a parser for each would be larger than the page.

import { el } from "./dom.js";

const words = (text) => new Set(text.split(" "));

const C_LIKE = words("abstract as async await boolean break case catch class const continue default defer do double else enum export extends extern false final finally float fn for from func function go goroutine guard if impl implements import in instanceof int interface let long loop map match mod module move mut namespace new nil null of override package private protected pub public range ref return select self Self static str string String struct super switch synchronized this throw throws trait true try type typeof u8 u32 u64 i32 i64 usize undefined union unsafe use var void volatile where while with yield chan");
const SQL = words("add all alter analyze and any as asc begin between bigint bigserial boolean by cascade case check collate column commit concurrently conflict constraint create cross current cursor date default delete desc distinct do drop else end except exists explain false fetch filter first for foreign from full function generated grant group having identity if in include index inner insert int integer intersect interval into is isolation join jsonb key last lateral left level like limit lock locked materialized not nothing nowait null nulls numeric offset on only or order outer over partition primary read recursive references repeatable replace returning right rollback row rows savepoint select serializable set share skip table temporary text then timestamp timestamptz to transaction true truncate union unique unlogged update using uuid values varchar view wait when where window with");
const PYTHON = words("and as assert async await break case class continue def del elif else except False finally for from global if import in is lambda match None nonlocal not or pass raise return self True try while with yield");
const SHELL = words("case do done echo elif else esac exec exit export fi for function if in local read return set shift sudo then trap unset until while");
const LUA = words("and break do else elseif end false for function goto if in local nil not or repeat return then true until while");
const PLAIN = words("true false null yes no on off");

/** Comments begin with `line`, or stand between the two of `block`. */
const FAMILIES = {
  c: { names: "c cpp c++ cs csharp go golang java javascript js jsx kotlin kt rust rs scala swift ts tsx typescript proto protobuf php dart", keywords: C_LIKE, line: "//", block: true },
  json: { names: "json json5 jsonc graphql gql", keywords: PLAIN, line: "//", block: true },
  sql: { names: "sql postgres postgresql mysql plsql cql", keywords: SQL, line: "--", block: true, folds: true },
  python: { names: "py python starlark", keywords: PYTHON, line: "#" },
  ruby: { names: "rb ruby elixir", keywords: new Set([...PYTHON, "end", "begin", "do", "module", "then", "unless", "nil"]), line: "#" },
  shell: { names: "bash console sh shell zsh", keywords: SHELL, line: "#" },
  config: { names: "conf dockerfile hcl ini nginx properties promql toml yaml yml makefile", keywords: new Set([...PLAIN, ..."FROM RUN COPY CMD ENV USER WORKDIR ENTRYPOINT EXPOSE ARG".split(" ")]), line: "#" },
  lua: { names: "lua redis", keywords: LUA, line: "--" },
  http: { names: "http", keywords: words("GET HEAD POST PUT PATCH DELETE OPTIONS HTTP"), line: null },
};

const BY_NAME = new Map(Object.values(FAMILIES).flatMap((family) => family.names.split(" ").map((name) => [name, family])));

/** The code as nodes; as plain text where nothing is known of the language. */
export function highlight(code, language) {
  const name = language.toLowerCase();
  if (name === "diff") return changes(code);
  const family = BY_NAME.get(name);
  return family ? scan(code, family) : [code];
}

function changes(code) {
  const kind = { "+": "added", "-": "removed", "@": "comment" };
  return code.split(/(?<=\n)/).map((line) => (kind[line[0]] ? el("span", { class: `code-${kind[line[0]]}` }, line) : line));
}

function scan(code, family) {
  const out = [];
  const token = rule(family);
  let end = 0;
  for (const found of code.matchAll(token)) {
    const kind = kindOf(found.groups, family);
    if (!kind) continue;
    if (found.index > end) out.push(code.slice(end, found.index));
    out.push(el("span", { class: `code-${kind}` }, found[0]));
    end = found.index + found[0].length;
  }
  if (end < code.length) out.push(code.slice(end));
  return out;
}

function rule({ line, block }) {
  const escape = (text) => text.replace(/[/*#-]/g, "\\$&");
  // A hash within a word is no comment: `a#b`, `$#`.
  const comments = [line && `(?<![\\w$])${escape(line)}[^\\n]*`, block && "/\\*[^]*?\\*/"].filter(Boolean);
  return new RegExp([
    `(?<comment>${comments.join("|") || "(?!)"})`,
    "(?<string>\"(?:\\\\.|[^\"\\\\\\n])*\"|'(?:\\\\.|[^'\\\\\\n])*'|`(?:\\\\.|[^`\\\\])*`)",
    "(?<number>\\b\\d[\\d_]*(?:\\.\\d+)?(?:e[+-]?\\d+)?\\w*\\b)",
    "(?<word>[A-Za-z_]\\w*)",
  ].join("|"), "g");
}

function kindOf({ comment, string, number, word }, { keywords, folds }) {
  if (comment !== undefined) return "comment";
  if (string !== undefined) return "string";
  if (number !== undefined) return "number";
  return keywords.has(folds ? word.toLowerCase() : word) ? "keyword" : null;
}
