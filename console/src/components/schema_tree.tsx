import type { Schemas } from "../api";

type Echo = Schemas["EchoFinding"];

interface Schema {
  type?: string | string[];
  properties?: Record<string, Schema>;
  items?: Schema;
  required?: string[];
  format?: string;
  pattern?: string;
  enum?: unknown[];
  const?: unknown;
  minimum?: number;
  maximum?: number;
  anyOf?: Schema[];
  description?: string;
  [other: string]: unknown;
}

/** A learned JSON Schema as a tree that folds, with what its members repeat of the request. */
export function SchemaTree(props: { schema: unknown; echoes?: Echo[] }) {
  const echoes = (props.echoes ?? []).filter((echo) => echo.active);
  return (
    <ul class="schema">
      <Node name="body" schema={props.schema as Schema} required depth={0} pointer="" echoes={echoes} />
    </ul>
  );
}

function Node(props: { name: string; schema: Schema; required: boolean; depth: number; pointer: string; echoes: Echo[] }) {
  const { schema, pointer, echoes } = props;
  const repeated = echoes.filter((echo) => echo.pointer === pointer);
  const members = Object.entries(schema.properties ?? {});
  const branches: [string, Schema, boolean][] = [
    ...members.map(([name, member]): [string, Schema, boolean] => [name, member, schema.required?.includes(name) ?? false]),
    ...(schema.items ? ([["each item", schema.items, true]] as [string, Schema, boolean][]) : []),
    ...(schema.anyOf ?? []).map((one, at): [string, Schema, boolean] => [`either ${at + 1}`, one, true]),
  ];
  const line = (
    <>
      <code>{props.name}</code>
      {!props.required && <span class="muted">sometimes</span>}
      <span class="kind">{kind(schema)}</span>
      {repeated.map((echo) => (
        <span key={`${echo.origin} ${echo.name}`} class="tag source-override">
          = {echo.origin} {echo.name}
        </span>
      ))}
      <span class="muted">{facts(schema)}</span>
    </>
  );
  if (branches.length === 0) return <li class="schema-line">{line}</li>;
  return (
    <li>
      <details open={props.depth < 2}>
        <summary class="schema-line">{line}</summary>
        <ul class="schema">
          {branches.map(([name, branch, required]) => (
            <Node
              key={name}
              name={name}
              schema={branch}
              required={required}
              depth={props.depth + 1}
              pointer={pointerOf(schema, branch, name, pointer)}
              echoes={echoes}
            />
          ))}
        </ul>
      </details>
    </li>
  );
}

/** JSON Pointer of a branch, with `*` for any item of an array. */
function pointerOf(schema: Schema, branch: Schema, name: string, pointer: string): string {
  if (schema.properties?.[name] === branch) return `${pointer}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
  return schema.items === branch ? `${pointer}/*` : pointer;
}

function kind(schema: Schema): string {
  const type = Array.isArray(schema.type) ? schema.type.join(" or ") : (schema.type ?? "anything");
  return schema.format ? `${type}, ${schema.format}` : type;
}

function facts(schema: Schema): string {
  const said: string[] = [];
  if (schema.const !== undefined) said.push(`always ${JSON.stringify(schema.const)}`);
  if (schema.enum) said.push(`one of ${schema.enum.slice(0, 6).map((value) => JSON.stringify(value)).join(", ")}${schema.enum.length > 6 ? " …" : ""}`);
  if (schema.minimum !== undefined || schema.maximum !== undefined) said.push(`${schema.minimum ?? "…"} to ${schema.maximum ?? "…"}`);
  if (schema.pattern) said.push(schema.pattern);
  // Values that are nobody's business are not kept: their shape is.
  const isText = schema.type === "string" || (Array.isArray(schema.type) && schema.type.includes("string"));
  if (isText && !schema.enum && schema.const === undefined) said.push("values not kept");
  if (schema.description) said.push(schema.description);
  return said.join(" · ");
}
