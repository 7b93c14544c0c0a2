// The keys, listed.
import { SHORTCUTS } from '../lib/hotkeys.ts'
import { Modal } from './Modal.tsx'

export default function Shortcuts({ onClose }: { onClose: () => void }) {
  return (
    <Modal title="Keys" onClose={onClose}>
      <dl className="grid grid-cols-[auto_1fr] items-center gap-x-5 gap-y-2 sm:grid-cols-[auto_1fr_auto_1fr]">
        {SHORTCUTS.map(({ keys, what }) => (
          <div key={keys} className="contents">
            <dt className="flex gap-1">
              {keys.split(' ').map(key => (
                <kbd key={key} className="kbd">
                  {key}
                </kbd>
              ))}
            </dt>
            <dd className="text-muted">{what}</dd>
          </div>
        ))}
      </dl>
      <p className="mt-4 border-t pt-3 text-muted">
        A click on any value filters by it; <kbd className="kbd">Alt</kbd> and a click excludes it. Drag over
        a chart to zoom, double-click to go back.
      </p>
    </Modal>
  )
}
