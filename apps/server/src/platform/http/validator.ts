import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import { isUuid } from '#platform/ids.ts';
import { parseInstant } from '#platform/instant.ts';
import { toApiError } from './validation-error.ts';

// Strict about types: a JSON string is never taken for a number. Values of forms and queries are turned first.
const ajv = new Ajv({ strict: false, allErrors: false, verbose: true, validateFormats: true });
// The package's types describe its CommonJS face; Node hands over the function itself.
(addFormats as unknown as typeof addFormats.default)(ajv, ['email']);
// The library's own would let `urn:uuid:` through, which no column takes.
ajv.addFormat('uuid', isUuid);
ajv.addFormat('instant', (text: string) => parseInstant(text) !== undefined);
ajv.addFormat('date-time', true);

const compiled = new WeakMap<object, ValidateFunction>();

/** Checks a value against a schema, compiled when it is first used. Throws the first finding as an ApiError. */
export function assertValid(schema: object, value: unknown): void {
  let validate = compiled.get(schema);
  if (!validate) {
    validate = ajv.compile(schema);
    compiled.set(schema, validate);
  }
  if (validate(value)) return;
  const error = validate.errors?.[0];
  if (error) throw toApiError(error);
}
