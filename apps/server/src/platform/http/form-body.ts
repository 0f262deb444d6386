import { ApiError } from '#platform/api-error.ts';
import { nullCharacters, parseJsonBody } from './json-body.ts';

interface FieldSchema {
  type?: string | readonly string[];
  format?: string;
  properties?: Record<string, FieldSchema>;
}

function typesOf(schema: FieldSchema | undefined): readonly string[] {
  const type = schema?.type;
  if (type === undefined) return [];
  return typeof type === 'string' ? [type] : type;
}

/** JSON under the same bounds as a JSON body; what is no JSON stays the text it is. */
function parseJson(text: string, name: string): unknown {
  if (text.trim() === '') return text;
  try {
    return parseJsonBody(text, [name]);
  } catch (error) {
    if (error instanceof ApiError && error.code !== 'parse_error') throw error;
    return text;
  }
}

/** One field: the text it came as, turned into the type its schema names where that is possible. */
function coerce(name: string, values: readonly string[], schema: FieldSchema | undefined): unknown {
  const types = typesOf(schema);
  const last = values.at(-1) ?? '';
  // Any JSON may stand here. Plain words stay words.
  if (types.length === 0 || types.includes('object')) return parseJson(last, name);
  if (types.includes('array'))
    return values.length === 1 && last.startsWith('[') ? parseJson(last, name) : [...values];
  // A form has no other way to say null; where the empty text can be meant, it is.
  const isText = types.includes('string') && schema?.format === undefined;
  if (last === '' && types.includes('null') && !isText) return null;
  if (types.includes('boolean') && /^(true|false)$/i.test(last)) return last.toLowerCase() === 'true';
  if ((types.includes('integer') || types.includes('number')) && /^-?\d{1,15}$/.test(last))
    return Number(last);
  return last;
}

/** A form body as the JSON body it stands for (decisions.md 3a). Repeated fields make a list. */
export function parseFormBody(text: string, schema: object | undefined): unknown {
  const fields = Map.groupBy(new URLSearchParams(text), ([name]) => name);
  const { properties = {} }: FieldSchema = schema ?? {};
  const body: Record<string, unknown> = Object.create(null);
  for (const [name, pairs] of fields) {
    const values = pairs.map(([, value]) => value);
    if (values.some((value) => value.includes('\0'))) throw nullCharacters([name]);
    body[name] = coerce(name, values, properties[name]);
  }
  return { ...body };
}
