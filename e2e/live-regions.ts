import type { Page } from 'playwright/test'

/** Records what screen readers announce from now on. @returns a function that returns the texts, in order */
export async function watchLiveRegions(page: Page): Promise<() => Promise<string[]>> {
  const recorded = await page.evaluateHandle(() => {
    const texts: string[] = []
    const selector = '[role=status], [role=alert], [aria-live]'
    const last = new WeakMap<Element, string>()
    new MutationObserver((records) => {
      const regions = new Set(
        records.flatMap(({ target, addedNodes }) => {
          const around = (target instanceof Element ? target : target.parentElement)?.closest(selector)
          const added = Array.from(addedNodes).filter((node) => node instanceof Element)
          const inside = added
            .flatMap((node) => [node, ...node.querySelectorAll('*')])
            .filter((e) => e.matches(selector))
          return [around, ...inside]
        }),
      )
      for (const region of regions) {
        const text = region?.textContent?.trim()
        if (!region?.isConnected || text === last.get(region)) continue
        last.set(region, text ?? '')
        if (text) texts.push(text)
      }
    }).observe(document.body, { subtree: true, childList: true, characterData: true })
    return texts
  })
  return () => recorded.jsonValue()
}
