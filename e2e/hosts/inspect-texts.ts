import type { Page } from 'playwright/test'

/** Texts that are the same in all languages or come from `Intl`: numbers, sizes, types of files, dates. */
const untranslated = [
  /^[\p{N}\p{P}\p{S}\s]*( ?(kB|MB|px))?$/u,
  /^(JPEG|PNG|WebP|GIF|AVIF|HEIC)$/,
  /^[A-Z][a-z]{2} \d+, \d{4}, \d\d:\d\d$/,
]

/**
 * Returns the texts of a page that are in no language file, and what is too narrow for its text. Every text of the
 * pseudo-language is in brackets. `bdi` contains names, which stay as they are, and `role=img` initials.
 * @param siteName stands in the header and in titles
 */
export async function findTextFaults(page: Page, siteName: string): Promise<string[]> {
  const { texts, clipped } = await page.evaluate(() => {
    const describe = (element: Element) => `<${element.localName}> ${(element.textContent ?? '').slice(0, 60)}`
    const isShown = (element: Element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true })
    const texts = [document.title]
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    while (walker.nextNode()) {
      const parent = walker.currentNode.parentElement as Element
      if (isShown(parent) && !parent.closest('script, style, noscript, bdi, [role=img], option[lang]')) {
        texts.push(walker.currentNode.textContent ?? '')
      }
    }
    const attributes = ['aria-label', 'aria-valuetext', 'aria-description', 'alt', 'title', 'placeholder']
    for (const element of document.body.querySelectorAll('*')) {
      if (!isShown(element)) continue
      for (const name of attributes) texts.push(element.getAttribute(name) ?? '')
    }

    const clipped: string[] = []
    if (document.documentElement.scrollWidth > innerWidth) clipped.push('the page scrolls sideways')
    const labels = 'a, button, h1, h2, h3, h4, label, legend, li, p, select, summary, [role]'
    for (const element of document.body.querySelectorAll(labels)) {
      const style = getComputedStyle(element)
      const isVisuallyHidden = style.position === 'absolute' && element.clientWidth <= 1
      if (!isShown(element) || isVisuallyHidden || style.display === 'inline') continue
      if (style.textOverflow === 'ellipsis' || ['auto', 'scroll'].includes(style.overflowX)) continue
      // Text that is wider than its element, or higher than one that hides the rest.
      const isTooNarrow = element.scrollWidth > element.clientWidth + 1
      const isTooLow = style.overflowY === 'hidden' && element.scrollHeight > element.clientHeight + 1
      if ((element.textContent ?? '').trim() && (isTooNarrow || isTooLow)) clipped.push(describe(element))
    }
    return { texts, clipped }
  })
  // Sonner adds the key of its notifications to their name.
  const isTranslated = (text: string) => /^\[.*\]( alt\+T)?$/s.test(text)
  const hardCoded = texts
    .map((text) => text.replace(siteName, '').replace(' · ', '').trim())
    .filter((text) => !isTranslated(text) && !untranslated.some((pattern) => pattern.test(text)))
  return [...hardCoded.map((text) => `hard-coded: ${text}`), ...clipped.map((text) => `clipped: ${text}`)]
}
