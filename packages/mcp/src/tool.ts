import type { JsonSchema } from '@parley/contract/openapi/json-schema';
import type { RouteDeclaration } from '@parley/contract/route';
import type { CallApi } from './api.ts';

export type Arguments = Readonly<Record<string, unknown>>;

/** One tool call, and what may be done for it. */
export interface ToolCall {
  arguments: Arguments;
  call: CallApi;
  /** Scopes of the key that calls. Asked for only by the tool that needs them. */
  scopes: () => Promise<readonly string[]>;
  /** The same for a call that is sent again; undefined where that can't be told. */
  retryKey: string | undefined;
  signal: AbortSignal | undefined;
}

export interface ToolAnswer {
  /** One line for a model or a person. */
  text: string;
  data: Record<string, unknown>;
}

/** What a tool changes about the operation it is made of. */
export interface ToolShape {
  /** Arguments that the tool does not offer. */
  withheld?: readonly string[];
  /** What an argument is when it is left out. */
  defaults?: Readonly<Record<string, unknown>>;
  /** Values the tool sets itself; these arguments are withheld too. */
  fixed?: Readonly<Record<string, unknown>>;
  /** Schemas laid over those of the contract. */
  input?: Readonly<Record<string, JsonSchema>>;
  summary?: string;
  /** Said after what the contract says. */
  notes?: string;
  isIdempotent?: true;
  /** Something leaves the installation. */
  isOpenWorld?: true;
  /** The answer holds texts of customers. */
  isUntrusted?: true;
  /** The answer as the tool shows it. Default: as the API gave it, with the arguments of the next page. */
  present?: (answer: unknown) => ToolAnswer;
  /** Instead of the operation's own call. */
  run?: (tool: Tool, call: ToolCall) => Promise<ToolAnswer>;
}

export interface Tool {
  name: string;
  description: string;
  route: RouteDeclaration;
  shape: ToolShape;
  inputSchema: InputSchema;
  /** Where each argument goes. */
  places: ReadonlyMap<string, Place>;
}

export type Place = 'path' | 'query' | 'body';

export type InputSchema = {
  type: 'object';
  properties: Record<string, JsonSchema>;
  required: string[];
  additionalProperties: false;
};

/** What a tool can be told beside the arguments of its operation. */
export const PROJECT_ARGUMENT = 'project_id';
export const KEY_ARGUMENT = 'idempotency_key';
