import { files } from '@parley/contract/files';
import { wire } from '@parley/contract/wire';
import type { Binder } from '#platform/http/binder.ts';
import { findFile, sendFile } from './files.download.ts';
import { presentFile } from './files.present.service.ts';
import { type FileParts, storeUpload } from './files.upload.service.ts';
import { teamUploader } from './uploader.service.ts';

export function bindFileRoutes(binder: Binder, parts: FileParts): void {
  binder.mixed(files.upload, async (unitOfWork, { actor, project, query, request, url }) => {
    const upload = { actor, project, uploader: teamUploader(actor), name: query.name, isCustomer: false };
    return presentFile(await storeUpload(unitOfWork, parts, request, upload), url.origin);
  });
  binder.mixed(wire.download, async (unitOfWork, { actor, params, request, reply }) => {
    const file = await unitOfWork.read(actor, (context) => findFile(context, params.token));
    await sendFile(parts.storage, request, reply, file);
    return undefined;
  });
}
