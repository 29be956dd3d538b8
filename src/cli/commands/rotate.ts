import { KEY_SPECS, keySpecOption } from '../certificate/words.ts';
import { type Define, leaf } from '../command.ts';
import { type RotateCaOptions, rotateCa } from '../rotate/ca.ts';
import { type RotateCertificateOptions, rotateCertificate } from '../rotate/certificate.ts';
import { type RotateClientsOptions, rotateClients } from '../rotate/clients.ts';
import { type RotateKmsOptions, rotateKms } from '../rotate/kms.ts';
import { type RotatePinOptions, rotatePin } from '../rotate/pin.ts';
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

  leaf(command, 'certificate <name>', 'make a new key pair and request for a certificate, beside the present one', [
    'keyhold rotate certificate build > build.csr',
    'keyhold certificate install build build.crt   # tried at AWS, then in use; the key before is kept for a day',
    'keyhold rotate certificate build --confirm    # the key before is destroyed now',
  ])
    .option('--key-spec <spec>', `${KEY_SPECS.join(', ')} (default: as the present one)`, keySpecOption)
    .option('--subject <name>', 'whose certificate it is (default: as the present one’s)')
    .option('--quarantine <duration>', 'how long the key before is kept; 0 for not at all (default: 24h)')
    .option('-o, --out <file>', 'write the request to a file')
    .option('--confirm', 'destroy the key before the present one now')
    .option('--rollback', 'take it back: the key before is in use again, and the new one is destroyed')
    .action((name: string, options: RotateCertificateOptions) => rotateCertificate(cli, name, options));

  leaf(command, 'kms [account] [key]', 'list which KMS keys of local accounts rotate and when; or rotate one now', [
    'keyhold rotate kms',
    'keyhold rotate kms lab alias/orders',
    'keyhold rotate kms lab 1234abcd-12ab-34cd-56ef-1234567890ab --yes',
  ])
    .option('--region <region>', 'where several Regions have the key')
    .option('-y, --yes', 'do not ask before rotating')
    .action((account: string | undefined, key: string | undefined, options: RotateKmsOptions) =>
      rotateKms(cli, account, key, options),
    );

  leaf(
    command,
    'pin <name>',
    'give a PKCS#11 token another PIN, which the vault keeps; or an HSM user another password',
    [
      'keyhold rotate pin lab              # asks for the new one, twice',
      'keyhold rotate pin lab --generate   # one that nobody has seen',
      'keyhold rotate pin lab --settle     # after a change that was interrupted',
      'keyhold rotate pin alice            # an HSM user: asks for the present password, then for the new one',
    ],
  )
    .option('--generate', 'make one of 24 letters and digits')
    .option('--pin-file <file>', 'read the new PIN from a file, first line')
    .option('--final-try', 'log in with the present PIN even if one more wrong one locks the token')
    .option('--settle', 'find out which of two PINs the token has, with one try each')
    .action((name: string, options: RotatePinOptions) => rotatePin(cli, name, options));
};
