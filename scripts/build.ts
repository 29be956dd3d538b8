import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { join, resolve } from 'node:path';
import { build as buildElectron } from 'electron-vite';
import { type Plugin, build as viteBuild } from 'vite';
import { OUTPUT_DIRECTORY_VARIABLE } from '../electron.vite.config.ts';

/**
 * `node scripts/build.ts [target…]`: builds into a folder beside `dist/` and swaps it in when everything succeeded, so that a
 * broken build never leaves half a program behind. With targets named, only those are built, straight into `dist/`.
 */

const root = resolve(import.meta.dirname, '..');

/** Programs that run under plain Node: name in dist/main → source. Each is a bundle of its own (docs/adr/0014). */
const NODE_ENTRIES = {
  cli: 'src/cli/main.ts',
  daemon: 'src/daemon/main.ts',
  'hsm-process': 'src/core/hsm/process.ts',
  'mirror-worker': 'src/core/mirrors/worker.ts',
  'token-process': 'src/core/hsm/pkcs11/process.ts',
} as const;

type NodeEntry = keyof typeof NODE_ENTRIES;
type Target = NodeEntry | 'electron' | 'renderer';
const TARGETS: readonly Target[] = [
  'hsm-process',
  'mirror-worker',
  'token-process',
  'daemon',
  'cli',
  'electron',
  'renderer',
];

/** Native packages stay in node_modules; everything else is bundled. */
const EXTERNAL = ['better-sqlite3', '@node-rs/argon2', 'node-hid', 'pkcs11js', 'electron'];

/**
 * What the processes that keep keys may load when they run. Anything else means that their promise (no network, no SQL, no files) broke; `node:os` says how much memory
 * there is, and `pkcs11js` loads a vendor's module.
 */
const IMPORTS: Partial<Record<NodeEntry, ReadonlySet<string>>> = {
  'hsm-process': new Set(['node:crypto', 'crypto', 'node:os', '@node-rs/argon2']),
  'token-process': new Set(['node:crypto', 'crypto', 'pkcs11js']),
};

function refuseOtherImports(allowed: ReadonlySet<string>): Plugin {
  return {
    name: 'keyhold:refuse-other-imports',
    generateBundle(_options, bundle) {
      for (const output of Object.values(bundle)) {
        if (output.type !== 'chunk') continue;
        const others = [...output.imports, ...output.dynamicImports].filter((name) => !allowed.has(name));
        if (others.length > 0) this.error(`${output.fileName} may not import ${others.join(', ')}.`);
      }
    },
  };
}

/** `keyhold serve` runs the daemon's own bundle instead of carrying a second copy of it. */
const daemonIsAFileOfItsOwn: Plugin = {
  name: 'keyhold:daemon-is-a-file-of-its-own',
  enforce: 'pre',
  resolveId(source, importer) {
    if (importer === undefined || !source.startsWith('.')) return null;
    const target = resolve(importer, '..', source);
    return target === join(root, NODE_ENTRIES.daemon) ? { id: './daemon.js', external: true } : null;
  },
};

/**
 * The CLI loads one file for what every command needs, one for what its commands share and one for the command itself: each further
 * file would cost about a millisecond. Sealing (HPKE) is loaded only when something is sealed.
 */
const SPLITTING = {
  'hsm-process': false,
  'mirror-worker': false,
  'token-process': false,
  daemon: true,
  cli: {
    groups: [
      // Not main.ts, which awaits the command: a command that imported its chunk would wait for itself.
      { name: 'start', tags: ['$initial' as const], test: /^(?!.*src[\\/]cli[\\/]main\.ts$)/ },
      { name: 'seal', test: /node_modules[\\/]@hpke[\\/]|src[\\/]client[\\/]seal\.ts$/ },
      {
        name: 'shared',
        test: /src[\\/]cli[\\/](?!issue-client-key)[^\\/]+\.ts$/,
        minShareCount: 3,
        includeDependenciesRecursively: false,
      },
    ],
  },
};

/** Fails the build where a chunk imports the entry that (lazily) imports it: with a top-level await in the entry, neither would ever end. */
const nothingImportsTheEntry: Plugin = {
  name: 'keyhold:nothing-imports-the-entry',
  generateBundle(_options, bundle) {
    const chunks = Object.values(bundle).filter((output) => output.type === 'chunk');
    const entry = chunks.find((chunk) => chunk.isEntry);
    const source = entry?.facadeModuleId;
    if (entry === undefined || typeof source !== 'string' || !entry.moduleIds.includes(source)) {
      this.error('The entry’s own module is in another chunk.');
    }
    const wrong = chunks.filter((chunk) => chunk.imports.includes(entry.fileName));
    if (wrong.length > 0)
      this.error(`${wrong.map(({ fileName }) => fileName).join(', ')} may not import ${entry.fileName}.`);
  },
};

async function buildNodeEntry(name: NodeEntry, outDir: string): Promise<void> {
  const plugins: Plugin[] = [];
  const allowed = IMPORTS[name];
  if (allowed !== undefined) plugins.push(refuseOtherImports(allowed));
  if (name === 'cli') plugins.push(daemonIsAFileOfItsOwn, nothingImportsTheEntry);
  await viteBuild({
    root,
    configFile: false,
    envDir: false,
    logLevel: 'warn',
    publicDir: false,
    plugins,
    ssr: { noExternal: true, external: EXTERNAL },
    build: {
      ssr: NODE_ENTRIES[name],
      outDir: join(outDir, 'main'),
      emptyOutDir: false,
      target: 'node24',
      minify: false,
      sourcemap: false,
      rolldownOptions: {
        external: [...EXTERNAL, ...builtinModules, /^node:/],
        output: {
          format: 'es',
          entryFileNames: `${name}.js`,
          // What an entry imports lazily lands beside it: files find each other relative to dist/main.
          chunkFileNames: `${name}-[name].js`,
          codeSplitting: SPLITTING[name],
        },
      },
    },
  });
}

async function buildTarget(target: Target, outDir: string): Promise<void> {
  if (target === 'electron') {
    process.env[OUTPUT_DIRECTORY_VARIABLE] = outDir;
    await buildElectron({
      root,
      configFile: join(root, 'electron.vite.config.ts'),
      envDir: false,
      logLevel: 'warn',
      ignoreConfigWarning: true,
    });
    return;
  }
  if (target === 'renderer') {
    await viteBuild({
      configFile: join(root, 'vite.renderer.config.ts'),
      envDir: false,
      logLevel: 'warn',
      build: { outDir: join(outDir, 'renderer'), emptyOutDir: true, sourcemap: false },
    });
    return;
  }
  await buildNodeEntry(target, outDir);
}

function isTarget(name: string): name is Target {
  return TARGETS.some((target) => target === name);
}

async function main(): Promise<void> {
  const wanted = process.argv.slice(2);
  const unknown = wanted.filter((name) => !isTarget(name));
  if (unknown.length > 0) throw new Error(`Unknown target ${unknown.join(', ')}. Targets: ${TARGETS.join(', ')}.`);
  const dist = join(root, 'dist');
  const started = performance.now();
  if (wanted.length > 0) {
    for (const target of TARGETS.filter((name) => wanted.includes(name))) await buildTarget(target, dist);
  } else {
    const fresh = join(root, `dist.new-${process.pid}`);
    const old = join(root, `dist.old-${process.pid}`);
    try {
      for (const target of TARGETS) await buildTarget(target, fresh);
      if (existsSync(dist)) await rename(dist, old);
      await rename(fresh, dist);
    } finally {
      await rm(fresh, { recursive: true, force: true });
      await rm(old, { recursive: true, force: true });
    }
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`Built ${wanted.length > 0 ? wanted.join(', ') : 'dist/'} in ${seconds} s.`);
}

await main();
