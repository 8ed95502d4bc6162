import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Failure } from '@/lib/browser/attempt'
import { createLateDeletion, undoMs } from './late-deletion'

type Answer = { ok: true } | Failure

let sent: string[]
let answer: (result: Answer) => void
let tab: Map<string, string>
let document: EventTarget & { visibilityState?: string }

/** A page's late deletion. Its requests stay unanswered until `answer`. */
function openPage() {
  return createLateDeletion((imageId) => {
    sent.push(imageId)
    return new Promise((resolve) => {
      answer = resolve
    })
  })
}

const deleted = vi.fn()

beforeEach(() => {
  vi.useFakeTimers()
  sent = []
  tab = new Map()
  document = new EventTarget()
  deleted.mockClear()
  vi.stubGlobal('window', new EventTarget())
  vi.stubGlobal('document', document)
  vi.stubGlobal('sessionStorage', {
    getItem: (key: string) => tab.get(key) ?? null,
    setItem: (key: string, value: string) => tab.set(key, value),
  })
})

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

describe('U57: the deletion of one photo', () => {
  test('hides it at once and is sent after ten seconds', () => {
    const deletion = openPage()
    deletion.start('a', deleted)
    expect(deletion.read()).toMatchObject({ waiting: 'a', hidden: new Set(['a']) })
    vi.advanceTimersByTime(undoMs - 1)
    expect(sent).toEqual([])
    vi.advanceTimersByTime(1)
    expect(sent).toEqual(['a'])
    expect(deletion.read()).toMatchObject({ waiting: null, hidden: new Set(['a']) })
  })

  test('is not sent after Undo, which shows the photo again', () => {
    const deletion = openPage()
    deletion.start('a', deleted)
    deletion.undo()
    expect(deletion.read()).toMatchObject({ waiting: null, hidden: new Set() })
    vi.advanceTimersByTime(undoMs)
    window.dispatchEvent(new Event('pagehide'))
    openPage().resume(deleted)
    expect(sent).toEqual([])
  })

  test('is sent at once when another photo is deleted', () => {
    const deletion = openPage()
    deletion.start('a', deleted)
    deletion.start('b', deleted)
    expect(sent).toEqual(['a'])
    expect(deletion.read()).toMatchObject({ waiting: 'b', hidden: new Set(['a', 'b']) })
  })

  test('is sent once when the page is left', () => {
    openPage().start('a', deleted)
    window.dispatchEvent(new Event('pagehide'))
    expect(sent).toEqual(['a'])
    vi.advanceTimersByTime(undoMs)
    expect(sent).toEqual(['a'])
  })

  test('is sent when the page is hidden, not when it becomes visible', () => {
    openPage().start('a', deleted)
    document.visibilityState = 'visible'
    document.dispatchEvent(new Event('visibilitychange'))
    expect(sent).toEqual([])
    document.visibilityState = 'hidden'
    document.dispatchEvent(new Event('visibilitychange'))
    expect(sent).toEqual(['a'])
  })

  test('brings the photo back if it fails', async () => {
    const deletion = openPage()
    deletion.start('a', deleted)
    deletion.sendNow()
    answer({ ok: false, code: 'internal' })
    await vi.runAllTimersAsync()
    expect(deletion.read()).toEqual({
      waiting: null,
      hidden: new Set(),
      failed: { imageId: 'a', failure: { ok: false, code: 'internal' } },
    })
    expect(deleted).not.toHaveBeenCalled()
  })

  test('keeps the photo hidden after it succeeded', async () => {
    const deletion = openPage()
    deletion.start('a', deleted)
    deletion.sendNow()
    answer({ ok: true })
    await vi.runAllTimersAsync()
    expect(deletion.read().hidden).toEqual(new Set(['a']))
    expect(deleted).toHaveBeenCalledOnce()
  })

  test('is sent again by the next page if the first one left before the answer', async () => {
    openPage().start('a', deleted)
    window.dispatchEvent(new Event('pagehide'))
    const next = openPage()
    next.resume(deleted)
    expect(next.read().hidden).toEqual(new Set(['a']))
    expect(sent).toEqual(['a', 'a'])
    answer({ ok: true })
    await vi.runAllTimersAsync()
    openPage().resume(deleted)
    expect(sent).toEqual(['a', 'a'])
  })

  test('works in a browser that blocks storage', () => {
    vi.stubGlobal('sessionStorage', undefined)
    openPage().start('a', deleted)
    vi.advanceTimersByTime(undoMs)
    expect(sent).toEqual(['a'])
  })
})
