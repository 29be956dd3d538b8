/**
 * A browser opens a file that is dropped beside the place for it, in this tab or a new one: a credentials file would stand there in plain text. Places
 * that take files have answered before these listeners run.
 */
export function refuseStrayDrops(): void {
  window.addEventListener('dragover', (event) => {
    if (event.defaultPrevented || event.dataTransfer?.types.includes('Files') !== true) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = 'none';
  });
  window.addEventListener('drop', (event) => {
    if (event.dataTransfer?.types.includes('Files') === true) event.preventDefault();
  });
}
