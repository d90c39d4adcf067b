import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'

/**
 * Loads data when a view opens and whenever one of `inputs` changes; `reload` loads it again. Keeps the old data meanwhile, so that the
 * page does not jump.
 *
 * @template Data
 * @param {(signal: AbortSignal) => Promise<Data>} load
 * @param {readonly unknown[]} inputs
 */
export function useLoaded(load, inputs) {
  /** @type {import('@preact/signals').Signal<Data | undefined>} */
  const data = useSignal(undefined)
  const error = useSignal('')
  const code = useSignal('')
  const loading = useSignal(true)
  const runs = useSignal(0)
  useEffect(() => {
    const ended = new AbortController()
    loading.value = true
    load(ended.signal)
      .then((loaded) => {
        if (ended.signal.aborted) return
        data.value = loaded
        error.value = ''
        code.value = ''
      })
      .catch((/** @type {Error & { code?: string }} */ failure) => {
        if (ended.signal.aborted) return
        error.value = failure.message
        code.value = failure.code ?? ''
      })
      .finally(() => {
        if (!ended.signal.aborted) loading.value = false
      })
    return () => ended.abort()
  }, [...inputs, runs.value])
  const reload = () => {
    runs.value += 1
  }
  return { data: data.value, error: error.value, code: code.value, loading: loading.value, reload }
}
