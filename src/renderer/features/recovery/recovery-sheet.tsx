import { Download, Printer } from 'lucide-react';
import { recoveryGroups } from '../../lib/recovery-code.ts';
import { saveTextFile } from '../../lib/save-text-file.ts';
import { Button } from '../../ui/button.tsx';
import { CopySecretButton } from '../../ui/copy-secret.tsx';

/** A recovery code, shown once: to copy, print or save. */
export function RecoverySheet({ code }: { code: string }) {
  const groups = recoveryGroups(code).map((text, index) => ({ text, position: index + 1 }));
  const save = () => saveTextFile('keyhold-recovery-code.txt', sheetText(code));
  return (
    <div className="flex flex-col gap-3">
      <ol
        aria-label="Recovery code"
        data-testid="recovery-code"
        className="grid grid-cols-2 gap-x-4 gap-y-2 rounded-panel border border-line bg-canvas p-4 min-[420px]:grid-cols-4"
      >
        {groups.map(({ text, position }) => (
          <li key={position} className="flex items-baseline gap-2">
            <span className="w-4 text-right text-muted tabular-nums" aria-hidden="true">
              {position}
            </span>
            <code data-group className="font-semibold tracking-wider">
              {text}
            </code>
          </li>
        ))}
      </ol>
      <div className="flex flex-wrap gap-2">
        <CopySecretButton text={code} label="Copy" />
        <Button icon={<Printer size={16} aria-hidden="true" />} onPress={() => window.print()}>
          Print
        </Button>
        <Button icon={<Download size={16} aria-hidden="true" />} onPress={save}>
          Save as a file
        </Button>
      </div>
      <p className="text-muted">
        Keep it on paper or in a password manager, not beside the vault. It is not shown again; you can make a new one
        in Settings.
      </p>
      <section data-print-sheet className="hidden" aria-hidden="true">
        <h1 className="text-display font-semibold">Keyhold recovery code</h1>
        <p className="mono py-6 text-title">{groups.map(({ text }) => text).join('-')}</p>
        <p>This code opens the vault without its password. Keep this sheet where you keep passports.</p>
      </section>
    </div>
  );
}

function sheetText(code: string): string {
  return `Keyhold recovery code\n\n${code}\n\nThis code opens the vault without its password. Keep it away from the vault.\n`;
}
