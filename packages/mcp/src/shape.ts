import type { JsonSchema } from '@parley/contract/openapi/json-schema';
import type { ResponseOf, RouteDeclaration } from '@parley/contract/route';
import type { PageOf } from '@parley/contract/schemas';
import { presentPage } from './present.ts';
import type { ToolAnswer, ToolShape } from './tool.ts';

interface Limit {
  usual: number;
  most: number;
}

type Shape<D extends RouteDeclaration> = Omit<ToolShape, 'present'> & {
  present?: (answer: ResponseOf<D>) => ToolAnswer;
};

/** A shape whose presenter knows what the operation answers. */
export function shapeOf<D extends RouteDeclaration>(_route: D, shape: Shape<D>): ToolShape {
  // The API answers by its declaration, from which the presenter has its type.
  return shape as ToolShape;
}

/** A shape of an operation that lists: how many rows are asked for, and how one is shown. */
export function listShape<T>(
  route: RouteDeclaration,
  noun: string,
  options: Omit<ToolShape, 'present'> & { limit: Limit; show: (row: T) => unknown },
): ToolShape {
  const { limit, show, ...shape } = options;
  return {
    ...shape,
    defaults: { limit: limit.usual },
    input: { ...pageInput(route, limit), ...shape.input },
    notes: [shape.notes, '`next` holds the arguments that get the following rows; null: these were all.']
      .filter(Boolean)
      .join(' '),
    // A list answers a page.
    present: (answer) => presentPage(answer as PageOf<T>, noun, show),
  };
}

function pageInput(route: RouteDeclaration, { usual, most }: Limit): Record<string, JsonSchema> {
  const { properties = {} }: { properties?: object } = { ...route.query };
  return {
    limit: { minimum: 1, maximum: most, default: usual, description: 'Rows at once.' },
    ...('offset' in properties ? { offset: { minimum: 0 } } : {}),
  };
}

/** A comma list of known words; the API would drop unknown ones. */
export function commaList(values: readonly string[], more = ''): JsonSchema {
  const one = `(?:${values.join('|')})`;
  return {
    pattern: `^${one}(?:,${one})*$`,
    description: `One or a comma list of ${values.join(', ')}.${more}`,
  };
}
