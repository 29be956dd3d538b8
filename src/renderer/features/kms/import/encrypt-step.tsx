import { Download } from 'lucide-react';
import { formatExact, formatRelative } from '../../../lib/format.ts';
import { saveBytes } from '../../../lib/save-bytes.ts';
import { useNow } from '../../../lib/use-now.ts';
import { Button } from '../../../ui/button.tsx';
import { CodeBlock } from '../../../ui/code.tsx';
import { FILES, importRecipe, type WrappingAlgorithm } from './recipe.ts';

/** A public key to wrap with and the token that belongs to it; both are worth nothing to anyone else. */
export interface ImportParameters {
  publicKey: Uint8Array<ArrayBuffer>;
  token: Uint8Array<ArrayBuffer>;
  validTo: string;
}

/** The wrapping key and token to take away, and what to do with them. */
export function EncryptStep({
  spec,
  algorithm,
  parameters,
}: {
  spec: string;
  algorithm: WrappingAlgorithm;
  parameters: ImportParameters;
}) {
  const now = useNow();
  return (
    <>
      <p>
        Save these two files. They work for this key alone, until{' '}
        <span title={formatExact(parameters.validTo)}>{formatExact(parameters.validTo)}</span> (
        {formatRelative(parameters.validTo, now)}).
      </p>
      <div className="flex flex-wrap gap-2">
        <Button
          icon={<Download size={16} aria-hidden="true" />}
          onPress={() => saveBytes(FILES.publicKey, parameters.publicKey)}
        >
          Wrapping public key
        </Button>
        <Button
          icon={<Download size={16} aria-hidden="true" />}
          onPress={() => saveBytes(FILES.token, parameters.token)}
        >
          Import token
        </Button>
      </div>
      <p>
        Then, in the folder they are in. If you have material already, leave out its first command and name your file{' '}
        <code>KeyMaterial.bin</code>.
      </p>
      <CodeBlock text={importRecipe(spec, algorithm)} label="recipe" />
    </>
  );
}
