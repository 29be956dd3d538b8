#!/usr/bin/env node
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
// Not by name: an older Node has no enableCompileCache, and this file must still run there.
import nodeModule from 'node:module';
import { constants, homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const program = new URL('../dist/main/cli.js', import.meta.url);
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (!existsSync(program)) {
  console.error('keyhold: this checkout is not built yet. Run `npm ci` in its folder.');
  process.exitCode = 1;
} else if (major < 22 || (major === 22 && minor < 14)) {
  runWithPinnedNode();
} else {
  keepCompiledCode();
  await import(program.href);
}

/**
 * Compiled code is kept between runs: a command should answer within 100 ms. Node's own default is a folder in the shared
 * temporary directory, where another user could have put something first.
 */
function keepCompiledCode() {
  const caches =
    process.platform === 'darwin'
      ? join(homedir(), 'Library', 'Caches')
      : process.platform === 'win32'
        ? (process.env.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'))
        : (process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'));
  const folder = join(caches, 'keyhold', 'compiled');
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    nodeModule.enableCompileCache(folder);
  } catch {
    // Without a cache it is only slower.
  }
}

/** An older Node than the vault's database binding needs: hand over to the one that `npm ci` installed here. */
function runWithPinnedNode() {
  let node;
  try {
    node = nodeModule.createRequire(import.meta.url).resolve('node/bin/node');
  } catch {
    console.error(`keyhold: needs Node 22.14 or newer, this is ${process.version}. Run \`npm ci\` in its folder.`);
    process.exitCode = 1;
    return;
  }
  const self = fileURLToPath(import.meta.url);
  const child = spawn(node, [self, ...process.argv.slice(2)], { stdio: 'inherit' });
  // A terminal sends Ctrl-C to both processes itself; a second one would mean "at once" to many programs.
  const atTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  for (const signal of ['SIGINT', 'SIGQUIT']) process.on(signal, () => atTerminal || child.kill(signal));
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    console.error(`keyhold: ${node} cannot be started: ${error.message}`);
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + (constants.signals[signal] ?? 0);
  });
}
