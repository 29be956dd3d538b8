import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const FULL = process.env['KEYHOLD_TEST_FULL'] === '1';

/** Unit tests that start whole processes, pay for Argon2id many times or run thousands of vectors. `npm run check` leaves them to `npm test`. */
const PROCESS_TESTS = [
  'test/aws/kms/{cloudhsm-key-stores,external-key-stores,import,quorum}.test.ts',
  'test/aws/unsigned-chunks.test.ts',
  'test/cli/{account-file,broken-audit,built,gate,hsm-token,hsm-users,mfa,open,rotate,rotate-key,shells,totp,vault}.test.ts',
  'test/core/api/{account-file,clients,full-disk,hsm-tamper,leases,lifecycle,rekey,scenario,things,tokens}.test.ts',
  'test/core/audit/audit.test.ts',
  'test/core/hsm/pkcs11/*.test.ts',
  'test/core/hsm/{account-file,approval-touch,both-libraries,kms-import,kms-secrets,kms-signing,users,vault-operations,wycheproof}.test.ts',
  'test/core/gates/*.test.ts',
  'test/core/kms/sweep.test.ts',
  'test/core/mirrors/*.test.ts',
  'test/core/rotation/*.test.ts',
  'test/core/security-keys/*.test.ts',
  'test/core/tokens/*.test.ts',
  'test/core/vault/{backup,file,rekey,store,tamper}.test.ts',
  'test/daemon/{file-jobs,full-disk,hsm-fork,serve,totp}.test.ts',
  'test/daemon/hid/{node-hid,security-keys,unlock}.test.ts',
];

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/{contract,client,core,aws,daemon,device,cli,main,preload,renderer,repo}/**/*.test.{ts,tsx}'],
          exclude: PROCESS_TESTS,
          testTimeout: 30_000,
          hookTimeout: 30_000,
          // Vitest itself would leave a processor idle, which on two of them doubles the time.
          maxWorkers: availableParallelism(),
        },
      },
      {
        test: {
          name: 'process',
          include: PROCESS_TESTS,
          testTimeout: 60_000,
          // They wait for other processes most of the time.
          maxWorkers: availableParallelism() + 1,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'clients',
          include: ['test/clients/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          // Each starts a daemon of its own on a free port; much of their time is Python starting.
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'robustness',
          include: ['test/robustness/**/*.test.ts'],
          // A hang in the short forms must not cost an hour.
          testTimeout: FULL ? 3_600_000 : 240_000,
          hookTimeout: 180_000,
          // The long forms have the machine to themselves.
          maxWorkers: FULL ? 1 : 2,
        },
      },
    ],
  },
});
