/** Loads the engine of the crop route. Not a static import, as the engine configures sharp for the whole process. */
export async function loadEngine() {
  const [{ readHeader }, { renderVariants }] = await Promise.all([
    import('@/lib/images/engine/header'),
    import('@/lib/images/engine/render'),
  ])
  return { readHeader, renderVariants }
}
