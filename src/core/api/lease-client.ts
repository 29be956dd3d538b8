import { KeyholdError } from '../../contract/errors.ts';
import type { Handler } from './handler.ts';

/** Works locked as well: a command whose daemon was restarted comes back before anybody has unlocked. */
export const leaseClient: Handler<'client.lease'> = ({ core, connection }, { accessKeyId }) => {
  if (connection === undefined) {
    throw new KeyholdError('Unsupported', 'Only a connection that lasts can hold a client. Use the control socket.');
  }
  core.leases.hold(accessKeyId, connection);
  return {};
};
