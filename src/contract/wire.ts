import type { WireError } from './errors.ts';
import type { DaemonEvent } from './events.ts';
import type { FilePart } from './files.ts';

/**
 * Frames on the control socket: one JSON object a line, UTF-8, at most MAX_FRAME_BYTES. A caller may have many calls under way;
 * answers carry the call's id and come in any order. `subscribe` turns events on for the connection.
 */
export type CallFrame = { id: number; method: string; params: unknown } | { id: number; subscribe: true };
export type AnswerFrame = { id: number; result: unknown } | { id: number; error: WireError } | { event: DaemonEvent };

export const MAX_FRAME_BYTES = 8 * 1024 * 1024;

/** HTTP paths of the web shell. */
export const WEB = {
  /** POST { token } once: answers { result: { pageKey } } and, unless the browser has one that holds, the session cookie. */
  session: '/api/session',
  /** POST { method, params } */
  call: '/api/call',
  /** Server-sent events, each `data:` a DaemonEvent. */
  events: '/api/events',
  /** POST bytes (application/octet-stream) of a file, with a FilePart in the query: answers bytes of the other file, or { error }. */
  file: '/api/file',
} as const;

/** Header of every call and event stream, beside the cookie: the page key that its tab got for its token. */
export const PAGE_KEY_HEADER = 'x-keyhold-session';

/**
 * How a call over Electron's bridge resolves. Errors travel as values: of a rejection, the bridge would keep only the message.
 */
export type CallAnswer = { result: unknown } | { error: WireError };

/** `window.keyhold`, offered by the preload script; absent in a browser. */
export interface ShellBridge {
  call(method: string, params: unknown): Promise<CallAnswer>;
  /** One part of a file that `file.begin` announced; the result is a Uint8Array. */
  filePart(part: FilePart, bytes: Uint8Array): Promise<CallAnswer>;
  /** Copies a one-time code; resolves when the time is over, with `cleared`, or `changed` where something else had been copied meanwhile. */
  holdInClipboard(code: string, seconds: number): Promise<CallAnswer>;
  /** Answers the function that ends the subscription. */
  subscribe(listener: (event: DaemonEvent) => void): () => void;
  readonly shell: 'electron';
}

/** Names of the Electron IPC channels. */
export const IPC = {
  call: 'keyhold:call',
  event: 'keyhold:event',
  filePart: 'keyhold:file-part',
  clipboard: 'keyhold:clipboard',
} as const;
