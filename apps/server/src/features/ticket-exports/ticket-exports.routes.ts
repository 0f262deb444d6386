import { Readable } from 'node:stream';
import { ticketExports } from '@parley/contract/ticket-exports';
import type { Binder } from '#platform/http/binder.ts';
import { openExport, readExport } from './ticket-exports.service.ts';

const TYPES = { ndjson: 'application/x-ndjson; charset=utf-8', csv: 'text/csv; charset=utf-8' };

export function bindTicketExportRoutes(binder: Binder): void {
  binder.mixed(ticketExports.download, async (unitOfWork, call) => {
    const { reply, request, project } = call;
    const wanted = readExport(call.query);
    // A HEAD request would read the whole export for nothing.
    const text = request.method === 'HEAD' ? [] : await openExport(unitOfWork, call, wanted);
    reply
      .type(TYPES[wanted.format])
      .header('content-disposition', `attachment; filename="tickets-${project.id}.${wanted.format}"`)
      .header('cache-control', 'no-store')
      // Fastify reads on when the socket has room, and lets go of it when the client does.
      .send(Readable.from(text, { objectMode: false, highWaterMark: 65_536 }));
    return undefined;
  });
}
