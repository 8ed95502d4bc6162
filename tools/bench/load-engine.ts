/** The engine as the crop route calls it. Loaded only where it is asked for: it sets up sharp for the whole process. */
export async function loadEngine() {
  const [{ readHeader }, { renderVariants }] = await Promise.all([
    import('@/lib/images/engine/header'),
    import('@/lib/images/engine/render'),
  ])
  return { readHeader, renderVariants }
}
