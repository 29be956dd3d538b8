import { CodeBlock } from '../../ui/code.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { SECRET_PLACEHOLDER, type SetupFacts, setupTexts } from './setup.ts';

/** Copy-paste set-up, one tab for each tool. */
export function SetupTabs({ facts }: { facts: SetupFacts }) {
  return (
    <Tabs
      label="Set up"
      tabs={setupTexts(facts).map((setup) => ({
        id: setup.id,
        label: setup.label,
        content: (
          <>
            <p className="text-muted">{setup.where}</p>
            {setup.blocks.map((one) => (
              <CodeBlock key={one.label} label={`${setup.label}: ${one.label}`} text={one.text} />
            ))}
            {facts.secretAccessKey === null && setup.blocks.some((one) => one.text.includes(SECRET_PLACEHOLDER)) && (
              <p className="text-muted">
                Put the client’s secret where it says {SECRET_PLACEHOLDER}. It was shown once, when the client was
                added; if it is lost, add a new client.
              </p>
            )}
          </>
        ),
      }))}
    />
  );
}
