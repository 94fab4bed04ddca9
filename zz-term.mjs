import { openAnalyser } from '/work/h-bench/src/main/vision/analyser.ts'
const ms = Number(process.argv[2])
for (let i = 0; i < 40; i++) {
  const a = openAnalyser()
  await new Promise((r) => setTimeout(r, ms + Math.random() * 4))
  await a.close()
}
console.log('ok', ms)
