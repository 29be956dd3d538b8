import { KeyholdError, toWireError, type WireError } from '../../contract/errors.ts';
import { answerBackup } from '../backups/answer-backup.ts';
import type { BackupRequest } from '../backups/protocol.ts';
import { fileError } from '../vault/durable.ts';
import { MirrorFile } from './mirror-file.ts';
import type { MirrorAnswer, MirrorRequest } from './protocol.ts';

/** Answers requests about one mirror, or about the disk of the backups, in order, one at a time; only while all of it is exported the others go on. Never rejects. */
export function createMirrorService(file = new MirrorFile()): (request: MirrorRequest) => Promise<MirrorAnswer> {
  let tail: Promise<unknown> = Promise.resolve();
  let path = '';
  return (request) => {
    if ('place' in request.input) path = request.input.place.path;
    const named = path;
    const begun = tail.then(() => ({ answer: answerOne(file, request, named) }));
    const answer = begun.then((one) => one.answer);
    tail = request.op === 'export' ? begun : answer;
    return answer;
  };
}

async function answerOne(file: MirrorFile, request: MirrorRequest, path: string): Promise<MirrorAnswer> {
  if (isBackupRequest(request)) return answerBackupRequest(request);
  const { id } = request;
  try {
    return { id, output: await handle(file, request) };
  } catch (error) {
    return { id, error: wireErrorOf(error, path) };
  }
}

/** They alone are about a path, and not about the place of a mirror. */
export function isBackupRequest(request: MirrorRequest): request is BackupRequest {
  return 'path' in request.input;
}

export function answerBackupRequest(request: BackupRequest): MirrorAnswer {
  const { id } = request;
  try {
    return { id, output: answerBackup(request) };
  } catch (error) {
    return { id, error: wireErrorOf(error, request.input.path) };
  }
}

function handle(file: MirrorFile, { op, input }: Exclude<MirrorRequest, BackupRequest>): unknown {
  switch (op) {
    case 'open':
      return file.open(input.place, input.holder);
    case 'room':
      return file.room(input.place);
    case 'head':
      return file.head();
    case 'apply':
      return file.apply(input.transactions);
    case 'probe':
      return file.probe();
    case 'auditHash':
      return file.auditHash(input.seq);
    case 'export':
      return file.export(input.to);
    case 'replace':
      return file.replace(input.place, input.holder, input.from, input.aside);
    case 'aside':
      return file.aside(input.place, input.to);
    case 'close':
      return file.close();
  }
}

function wireErrorOf(error: unknown, path: string): WireError {
  return toWireError(diskError(fileError(error, path)));
}

/** What the system says about a disk that is failing or gone. */
function diskError(error: unknown): unknown {
  if (error instanceof KeyholdError || !(error instanceof Error) || !('code' in error)) return error;
  return new KeyholdError('Unreachable', `The disk cannot be used (${String(error.code)}).`);
}
