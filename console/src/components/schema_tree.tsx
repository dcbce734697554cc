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

/** A learned JSON Schema as a tree that folds. */
export function SchemaTree(props: { schema: unknown }) {
  return (
    <ul class="schema">
      <Node name="body" schema={props.schema as Schema} required depth={0} />
    </ul>
  );
}

function Node(props: { name: string; schema: Schema; required: boolean; depth: number }) {
  const { schema } = props;
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
            <Node key={name} name={name} schema={branch} required={required} depth={props.depth + 1} />
          ))}
        </ul>
      </details>
    </li>
  );
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
  if (schema.description) said.push(schema.description);
  return said.join(" · ");
}
