import { useTranslations } from 'next-intl'

/**
 * Warns that a script or style of the page failed to load even after a reload (`lib/browser/reload-once`), so buttons
 * may not work. Needs no script itself.
 */
export function IncompleteNotice() {
  const translate = useTranslations('site')
  return (
    <p
      role="alert"
      className="hidden border-danger/40 border-b bg-danger-soft px-4 py-3 text-center [html[data-incomplete]_&]:block"
    >
      <span>{translate('incomplete')}</span> {/* An empty href reloads this address with its query. */}
      {/* biome-ignore lint/a11y/useValidAnchor: a reload without a script */}
      <a href="" className="font-medium underline">
        {translate('reload')}
      </a>
    </p>
  )
}
