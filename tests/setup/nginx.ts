import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  findProgram,
  freePort,
  startServer,
  type ThrowawayServer,
  temporaryFolder,
} from './throwaway-server.ts';

export const findNginx = (): string | undefined => findProgram('nginx', ['/usr/sbin']);

/** As nginx comes, with the lines of docs/operations.md; requests go to each of the servers in turn. */
const configuration = (port: number, folder: string, servers: readonly string[]): string => `
daemon off;
master_process off;
pid ${folder}/pid;
error_log stderr;
events { worker_connections 256; }
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  client_max_body_size 21m;
  upstream parley { ${servers.map((url) => `server ${new URL(url).host};`).join(' ')} }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://parley;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;
    }
  }
}
`;

/** A proxy before some servers. */
export async function startNginx(program: string, servers: readonly string[]): Promise<ThrowawayServer> {
  const folder = temporaryFolder(undefined);
  const port = await freePort();
  const path = join(folder.path, 'nginx.conf');
  writeFileSync(path, configuration(port, folder.path, servers));
  const url = `http://127.0.0.1:${port}`;
  const isReady = async () => (await fetch(`${url}/_ready`).catch(() => undefined))?.ok === true;
  const stop = await startServer([program, '-c', path, '-e', 'stderr'], undefined, isReady);
  return {
    url,
    async stop() {
      await stop();
      folder.remove();
    },
  };
}
