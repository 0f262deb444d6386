import { Readable } from 'node:stream';
import { IMPORT_MAX, ticketImports } from '@parley/contract/ticket-imports';
import { ApiError } from '#platform/api-error.ts';
import type { Binder } from '#platform/http/binder.ts';
import { readUpload } from '#platform/http/uploads.ts';
import { runImport, showImport } from './ticket-imports.service.ts';

export function bindTicketImportRoutes(binder: Binder): void {
  binder.mixed(ticketImports.create, (unitOfWork, call) => {
    const { body } = call.request;
    if (!(body instanceof Readable))
      throw new ApiError('unsupported_media_type', 'Send the lines as application/x-ndjson.');
    return runImport(unitOfWork, call, readUpload(body, IMPORT_MAX));
  });
  binder.read(ticketImports.retrieve, (context, { project, params }) =>
    showImport(context, project, params.import_id),
  );
}
