/**
 * A small HTTP server on the loopback interface that a driven page lives on. It serves the page and its modules, hands
 * it requests over a link and takes its replies, and streams model files from disk. Everything lies under a random
 * token, so that no other local process can talk to it. The headers make the page cross-origin isolated: threads for
 * WASM, and a clock of 5 µs.
 */
import { randomBytes } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { packageModules } from './package-modules.js';
import { pageLink } from './page-link.js';

const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cache-Control': 'no-store',
};

const CONTENT_TYPE: Readonly<Record<string, string>> = {
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
};

const PACKAGES = [
  '@rheobase/exporter/errors',
  '@rheobase/runtime/host',
  '@rheobase/runtime-web',
  'onnxruntime-web/wasm',
];
const PAGE_MODULE = 'modules/rheobase-runtime-web/dist/page/main.js';

export interface PageServer {
  /** The page's address, without a query. */
  readonly url: string;
  /** Resolves when the page is there to be asked. */
  readonly ready: Promise<void>;
  /** Hands a frame to the page and answers the page's. One at a time. */
  exchange(frame: Uint8Array): Promise<Uint8Array>;
  /** Makes files available to the page, each under a name of the caller's. */
  share(files: readonly SharedFile[]): SharedFiles;
  close(): Promise<void>;
}

export interface SharedFile {
  /** A relative path with `/`; files of one call see each other as neighbours by it. */
  readonly name: string;
  readonly path: string;
}

export interface SharedFiles {
  /** Folder of the files, relative to the page's URL, with `/` at its end. */
  readonly folder: string;
  end(): void;
}

export interface PageEvents {
  /** The page says in this frame that its engine has died. */
  readonly onDeath: (frame: Uint8Array) => void;
  /** The page has asked for what is not there. */
  readonly onMissing: (path: string) => void;
}

export async function startPageServer({ onDeath, onMissing }: PageEvents): Promise<PageServer> {
  const token = randomBytes(24).toString('base64url');
  const modules = packageModules(PACKAGES);
  const shared = new Map<string, string>();
  const folders = new Map<string, string>();
  const link = pageLink();

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const path = pathname.startsWith(`/${token}/`) ? decodeURIComponent(pathname.slice(token.length + 2)) : undefined;
    if (request.method === 'POST' && (path === 'reply' || path === 'died')) {
      const frame = await bodyOf(request);
      response.writeHead(204, ISOLATION).end();
      return path === 'reply' ? link.giveReply(frame) : onDeath(frame);
    }
    if (path === 'request' && request.method === 'GET') {
      response.writeHead(200, { ...ISOLATION, 'Content-Type': 'application/octet-stream' }).end(link.takeRequest());
      return;
    }
    if (path === '' && request.method === 'GET') {
      response.writeHead(200, { ...ISOLATION, 'Content-Type': 'text/html; charset=utf-8' }).end(html(modules.imports));
      return;
    }
    const file = shared.get(path ?? '') ?? (path?.startsWith('modules/') ? modules.fileAt(path.slice(8)) : undefined);
    if (file !== undefined && request.method === 'GET') return sendFile(file, response);
    response.writeHead(404, ISOLATION).end();
    onMissing(path ?? pathname);
  };

  /** The same files have the same address, changed ones another. */
  const folderOf = (key: string): string => {
    const folder = folders.get(key) ?? `files/${folders.size}/`;
    folders.set(key, folder);
    return folder;
  };

  const server = createServer((request, response) => {
    answer(request, response).catch(() => {
      if (!response.headersSent) response.writeHead(500, ISOLATION);
      response.end();
    });
  });
  server.on('upgrade', (request, socket, head) => {
    if (request.url === `/${token}/link`) link.upgrade(request, socket, head);
    else socket.destroy();
  });
  // A request's body may be a large tensor from a page that shares two cores with us.
  server.requestTimeout = 0;
  // A page that computes for seconds comes back on the same connection; closing it just then would lose its request.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}/${token}/`,
    ready: link.ready,
    exchange: link.exchange,
    share: (files) => {
      const folder = folderOf(JSON.stringify(files.map(({ name, path }) => [name, path, versionOf(path)])));
      for (const { name, path } of files) shared.set(folder + name, path);
      return {
        folder,
        end: () => {
          for (const { name } of files) shared.delete(folder + name);
        },
      };
    },
    close: async () => {
      link.close();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<Uint8Array> {
  const body = new Uint8Array(Number(request.headers['content-length'] ?? 0));
  let length = 0;
  for await (const chunk of request) {
    body.set(chunk as Uint8Array, length);
    length += (chunk as Uint8Array).length;
  }
  return body.subarray(0, length);
}

/** Null where there is no such file, which the page finds out. */
function versionOf(path: string): string | null {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? null : `${found.dev}:${found.ino}:${found.size}:${found.mtimeNs}`;
}

async function sendFile(path: string, response: ServerResponse): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || !found.isFile()) {
    response.writeHead(404, ISOLATION).end();
    return;
  }
  response.writeHead(200, {
    ...ISOLATION,
    'Content-Type': CONTENT_TYPE[extname(path)] ?? 'application/octet-stream',
    'Content-Length': found.size,
  });
  await pipeline(createReadStream(path), response);
}

function html(imports: Readonly<Record<string, string>>): string {
  const map = Object.fromEntries(Object.entries(imports).map(([name, path]) => [name, `./modules/${path}`]));
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<link rel="icon" href="data:,">
<title>Rheobase</title>
<script type="importmap">${JSON.stringify({ imports: map })}</script>
<script type="module" src="${PAGE_MODULE}"></script>
</html>
`;
}
