import type { Generated } from 'kysely';
import type { Instant, Nullable } from './columns.ts';

export interface FilesTable {
  project_id: number;
  id: string;
  token: string;
  uploader: string;
  name: string;
  media_type: string;
  size: number;
  is_image: boolean;
  width: Nullable<number>;
  height: Nullable<number>;
  sha256: Buffer;
  is_stored: Generated<boolean>;
  message_id: Nullable<string>;
  created_at: Instant;
}

export interface FileTables {
  files: FilesTable;
}

export const FILE_PROJECT_TABLES = ['files'] as const satisfies readonly (keyof FileTables)[];
