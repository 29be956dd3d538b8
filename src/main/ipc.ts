import { clipboard, type IpcMainInvokeEvent, ipcMain, type WebContents } from 'electron';
import { KeyholdError, toWireError } from '../contract/errors.ts';
import type { DaemonEvent } from '../contract/events.ts';
import { FILE_PART_BYTES, FilePart } from '../contract/files.ts';
import { isMethodName } from '../contract/methods.ts';
import { type CallAnswer, IPC } from '../contract/wire.ts';
import type { Contract } from '../daemon/control-socket.ts';
import type { FileJobs } from '../daemon/file-jobs.ts';
import { originOf } from './origin.ts';

/** True only for the main frame of our own page: no subframe, no other page, no frame that is gone. */
export function isTrustedSender(event: Pick<IpcMainInvokeEvent, 'sender' | 'senderFrame'>, origin: string): boolean {
  const frame = event.senderFrame;
  if (frame === null || frame.parent !== null || event.sender.isDestroyed()) return false;
  return frame === event.sender.mainFrame && frame.origin === origin && originOf(frame.url) === origin;
}

/**
 * The contract over IPC, and parts of files. Answers are values, also for errors (see ShellBridge). A sender that is not our page gets
 * `Unauthorized`, an unknown method `Unsupported`; parameters are validated by the contract itself.
 */
export function serveIpc(
  contract: Contract,
  files: Pick<FileJobs, 'part'>,
  origin: string,
  report: (error: unknown) => void,
): void {
  const answer = async (event: IpcMainInvokeEvent, work: () => Promise<unknown>): Promise<CallAnswer> => {
    try {
      if (!isTrustedSender(event, origin)) throw new KeyholdError('Unauthorized', 'Only Keyhold’s own page may ask.');
      return { result: await work() };
    } catch (error) {
      if (!(error instanceof KeyholdError)) report(error);
      return { error: toWireError(error) };
    }
  };
  ipcMain.handle(IPC.call, (event, method: unknown, params: unknown) =>
    answer(event, async () => {
      if (typeof method !== 'string' || !isMethodName(method)) {
        throw new KeyholdError(
          'Unsupported',
          'The page asked for a method that this version does not have; restart Keyhold.',
        );
      }
      return contract.call(method, params, 'app');
    }),
  );
  ipcMain.handle(IPC.clipboard, (event, code: unknown, seconds: unknown) =>
    answer(event, () => holdInClipboard(code, seconds)),
  );
  ipcMain.handle(IPC.filePart, (event, part: unknown, bytes: unknown) =>
    answer(event, async () => {
      const parsed = FilePart.safeParse(part);
      if (!parsed.success || !(bytes instanceof Uint8Array) || bytes.length > FILE_PART_BYTES) {
        throw new KeyholdError('InvalidInput', 'The page sent a part of a file in a form that is not known here.');
      }
      // A plain array: Buffer does not cross to the page as what it is.
      return new Uint8Array(Buffer.concat(await files.part(parsed.data, bytes)));
    }),
  );
}

/** A one-time code and nothing else: the page gets no other way to put text behind a person's back. */
const CODE = /^\d{6,8}$/;
const MOST_SECONDS = 60;

/** What is copied for a while is looked at and emptied here: the page itself never sees the clipboard. */
async function holdInClipboard(code: unknown, seconds: unknown): Promise<'cleared' | 'changed'> {
  const sane = typeof seconds === 'number' && seconds > 0 && seconds <= MOST_SECONDS;
  if (typeof code !== 'string' || !CODE.test(code) || !sane) {
    throw new KeyholdError('InvalidInput', 'The page wanted to copy something that is no code.');
  }
  await clipboard.writeText(code);
  held = code;
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  if (held === code) held = null;
  return takeBack(code);
}

/** What the clipboard has from here and its time is not up. */
let held: string | null = null;

async function takeBack(code: string): Promise<'cleared' | 'changed'> {
  if ((await clipboard.readText()) !== code) return 'changed';
  await clipboard.clear();
  return 'cleared';
}

/** Before the app ends, and with it the timer. */
export async function clearClipboard(): Promise<void> {
  const code = held;
  held = null;
  if (code !== null) await takeBack(code);
}

/** Pushes the daemon's events to a page until the page is gone. */
export function pushEvents(contract: Contract, contents: WebContents): void {
  const unsubscribe = contract.subscribe((event: DaemonEvent) => {
    if (!contents.isDestroyed()) contents.send(IPC.event, event);
  });
  contents.once('destroyed', unsubscribe);
}
