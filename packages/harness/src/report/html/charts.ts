/**
 * Charts drawn by Apache ECharts, on the server: what goes into the page is an SVG, no script. Colours are the variables
 * of the style sheet, so that a chart follows light and dark; each chart is drawn for a wide and for a narrow screen, and
 * the style sheet shows the one that fits.
 */
import { BarChart, CustomChart, ScatterChart } from 'echarts/charts';
import { GridComponent, TitleComponent } from 'echarts/components';
import { type EChartsCoreOption, init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { html, type Markup, raw } from './markup.js';

use([BarChart, CustomChart, ScatterChart, GridComponent, TitleComponent, SVGRenderer]);

/** CSS pixels. */
const WIDTHS = { wide: 760, narrow: 340 } as const;

/** `describe` is what the picture says, for who does not see it. */
export function chart(height: number, describe: string, options: (isNarrow: boolean) => EChartsCoreOption): Markup {
  const drawn = Object.entries(WIDTHS).map(
    ([size, width]) =>
      html`<div class="chart ${size}" role="img" aria-label="${describe}">${raw(draw(width, height, options(size === 'narrow')))}</div>`,
  );
  return html`${drawn}`;
}

function draw(width: number, height: number, options: EChartsCoreOption): string {
  const instance = init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    instance.setOption({ animation: false, backgroundColor: 'transparent', ...options });
    return embeddable(instance.renderToSVGString({ useViewBox: true }));
  } finally {
    instance.dispose();
  }
}

/**
 * Inside HTML an SVG needs no namespaces, and what ECharts adds for a pointer is of no use without its script. Its class
 * names count up from chart to chart: without them the same report is the same page.
 */
function embeddable(svg: string): string {
  return svg
    .replace(/<style[^>]*>[\s\S]*?<\/style>/g, '')
    .replace(/ xmlns(?::xlink)?="[^"]*"/g, '')
    .replace(/ class="zr[^"]*"/g, '');
}
