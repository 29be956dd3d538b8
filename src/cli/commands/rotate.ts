import { type Define, leaf } from '../command.ts';
import { type RotateCaOptions, rotateCa } from '../rotate/ca.ts';
import { type RotateClientsOptions, rotateClients } from '../rotate/clients.ts';
import { type RotateVaultOptions, rotateVault } from '../rotate/vault.ts';
import { defineKeyRotation } from '../rotation/define-key-rotation.ts';
import { defineSchedule } from '../rotation/define-schedule.ts';
import { BY_KEY, BY_RECOVERY_CODE } from '../security-keys/authorized.ts';

export const define: Define = (command, cli) => {
  defineKeyRotation(command, cli);
  defineSchedule(command, cli);

  leaf(command, 'vault', 'give the vault a new root key and seal all records anew', [
    'keyhold rotate vault',
    'keyhold rotate vault --drop 4f1d2c3b4a5e6f70   # that way in opens nothing any more',
    'keyhold rotate vault --status',
  ])
    .option('--drop <id...>', 'a way in that is given up (keyhold vault slot list); every other one has to be proved')
    .option('--keep-recovery-code', 'type the recovery code there is, instead of getting a new one')
    .option('--resume', 'wait for records that are left from an earlier change')
    .option('--status', 'only say how far the records are')
    .option(...BY_RECOVERY_CODE)
    .option(...BY_KEY)
    .option('--pin-file <file>', 'read the security key’s PIN from a file, first line')
    .option('-y, --yes', 'do not ask before the keys are changed, nor to confirm the recovery code')
    .action((options: RotateVaultOptions) => rotateVault(cli, options));

  leaf(command, 'clients [name...]', 'give tools new client keys; each secret is shown once', [
    'keyhold rotate clients terraform',
    'keyhold rotate clients --all --overlap 0   # the keys before end at once',
  ])
    .option('--all', 'every tool with a client key')
    .option('--overlap <duration>', 'how long the key before still works, e.g. 2h or 7d; 0 ends it at once', '24h')
    .option('-y, --yes', 'do not ask before several are rotated')
    .action((names: string[], options: RotateClientsOptions) => rotateClients(cli, names, options));

  leaf(command, 'ca', 'make a new local CA, and print its certificate and the one before (PEM)', [
    'keyhold rotate ca > keyhold-ca.pem',
    'keyhold rotate ca --now --out keyhold-ca.pem',
  ])
    .option('-o, --out <file>', 'write the certificates to a file')
    .option('--now', 'let the HTTPS door show a certificate of the new CA at once')
    .action((options: RotateCaOptions) => rotateCa(cli, options));
};
