import { parseArgs } from 'node:util';
import { KeyholdError } from '../contract/errors.ts';
import { resolveHome } from './home.ts';
import { linkNotice, openInBrowser } from './open-browser.ts';
import { type Daemon, startDaemon } from './serve.ts';

export interface ServeOptions {
  port?: number;
  /** Open the page in the system's browser. */
  open?: boolean;
}

/**
 * Runs the daemon in the foreground until SIGTERM, SIGINT or `daemon.stop`; a second signal ends it at once. Prints one JSON line on stdout when it is ready:
 * `{"endpoint":…,"ui":…,"pid":…}`. Answers the exit code.
 */
export async function serve(options: ServeOptions = {}): Promise<number> {
  process.umask(0o077);
  let requestStop: (reason: string) => void = () => undefined;
  const stopRequested = new Promise<string>((resolve) => {
    requestStop = resolve;
  });
  const daemon = await startDaemon({
    home: resolveHome(),
    shell: 'serve',
    web: true,
    kdf: process.env['KEYHOLD_KDF'] === 'floor' ? 'floor' : 'calibrated',
    echo: (line) => process.stderr.write(line),
    onStopRequest: (reason) => requestStop(reason),
    ...(options.port === undefined ? {} : { port: options.port }),
  });
  const onSignal = (signal: NodeJS.Signals): void => {
    process.once(signal, () => process.exit(128 + (signal === 'SIGINT' ? 2 : 15)));
    requestStop(signal);
  };
  process.once('SIGTERM', onSignal);
  process.once('SIGINT', onSignal);
  process.on('uncaughtException', (error) => {
    daemon.log.error('uncaught', { error });
    requestStop('an internal error');
    process.exitCode = 70;
  });
  process.on('unhandledRejection', (error) => daemon.log.error('unhandled', { error }));
  process.stdout.write(`${JSON.stringify({ endpoint: daemon.endpoint, ui: daemon.ui, pid: process.pid })}\n`);
  if (options.open === true) await showPage(daemon);
  const reason = await stopRequested;
  daemon.log.info('stopping', { reason });
  await daemon.stop();
  return Number(process.exitCode ?? 0);
}

async function showPage(daemon: Daemon): Promise<void> {
  const link = daemon.openUi();
  if (link === null) return;
  const opened = link.file !== undefined && (await openInBrowser(link.file));
  process.stderr.write(linkNotice(link.url, opened));
}

/** `node src/daemon/main.ts [--port N] [--open]`, as `keyhold serve` without the CLI around it. */
async function main(): Promise<void> {
  try {
    const { values } = parseArgs({ options: { port: { type: 'string' }, open: { type: 'boolean' } } });
    process.exitCode = await serve({
      ...(values.port === undefined ? {} : { port: portOf(values.port) }),
      ...(values.open === undefined ? {} : { open: values.open }),
    });
  } catch (error) {
    process.stderr.write(`keyhold: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = error instanceof KeyholdError ? 1 : 70;
  }
  // Nothing may hold the process: idle keep-alive connections of a client, for one.
  process.exit();
}

function portOf(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new KeyholdError('InvalidInput', `--port: ${text} is not a port; give a number from 1 to 65535.`);
}

if (import.meta.main) await main();
