/**
 * Serves installed packages to a page without a bundler: each package's folder under a name of its own, and an import
 * map that leads from what their modules import to there.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';

/** How a page's imports are resolved in a package's `exports`. */
const CONDITIONS = ['browser', 'import', 'default'];

export interface PackageModules {
  /** Import specifiers to URL paths that begin with the package's mount. */
  readonly imports: Readonly<Record<string, string>>;
  /** The file at a URL path, undefined where there is none that a page may have. */
  fileAt(path: string): string | undefined;
}

interface Package {
  readonly name: string;
  readonly folder: string;
  readonly exports: Readonly<Record<string, unknown>>;
}

/** @param entries One importable specifier of each package, e.g. `@rheobase/runtime/host`. */
export function packageModules(entries: readonly string[]): PackageModules {
  const require = createRequire(import.meta.url);
  const packages = entries.map((entry) => packageOf(entry, require.resolve(entry)));
  const mounts = new Map(packages.map((pkg) => [pkg.name.replace('@', '').replace('/', '-'), pkg]));
  const imports: Record<string, string> = {};
  for (const [mount, { name, exports }] of mounts) {
    for (const [subpath, target] of Object.entries(exports)) {
      const file = resolveTarget(target);
      if (file?.endsWith('js')) imports[join(name, subpath).replaceAll(sep, '/')] = `${mount}/${file.slice(2)}`;
    }
  }
  return {
    imports,
    fileAt: (path) => {
      const [mount = '', ...rest] = path.split('/');
      const folder = mounts.get(mount)?.folder;
      if (folder === undefined || !/\.(m?js|wasm)$/.test(path) || rest.includes('..')) return undefined;
      return join(folder, ...rest);
    },
  };
}

/** The package that a resolved file belongs to: the nearest folder above it whose package.json has the name. */
function packageOf(entry: string, file: string): Package {
  const name = entry
    .split('/')
    .slice(0, entry.startsWith('@') ? 2 : 1)
    .join('/');
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
    const manifest = join(folder, 'package.json');
    if (!existsSync(manifest)) continue;
    const read = JSON.parse(readFileSync(manifest, 'utf8')) as { name?: string; exports?: Record<string, unknown> };
    if (read.name === name) return { name, folder, exports: read.exports ?? {} };
  }
  throw new Error(`no package.json of ${name} above ${file}`);
}

/** The first target that the conditions lead to (Node.js documentation, "Conditional exports"). */
function resolveTarget(target: unknown): string | undefined {
  if (typeof target === 'string') return target;
  if (typeof target !== 'object' || target === null) return undefined;
  const condition = Object.keys(target).find((key) => CONDITIONS.includes(key));
  return condition === undefined ? undefined : resolveTarget((target as Record<string, unknown>)[condition]);
}
