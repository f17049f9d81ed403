namespace Altiplano.Training.Loop.Report;

/// <summary>How our pages look, by day and by night.</summary>
public static class ReportStyle
{
    public const string Css = """
        :root { color-scheme: light dark; --paper: #f6f6f3; --card: #fff; --ink: #1d1f23; --soft: #6a6f78; --rule: #e6e6e0;
          --s0: #2563c9; --s1: #d9632a; --s2: #16875c; --s3: #8a4fbf; --s4: #b8860b; }
        @media (prefers-color-scheme: dark) { :root { --paper: #121417; --card: #1b1e23; --ink: #e9eaec; --soft: #979da6;
          --rule: #2c3037; --s0: #74a7ff; --s1: #ff9d68; --s2: #54cf9d; --s3: #c59bf0; --s4: #e5bd52; } }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--paper); color: var(--ink);
          font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", "DejaVu Sans", sans-serif; }
        main { max-width: 1144px; margin: 0 auto; padding: 40px 20px 64px; }
        header p { margin: 4px 0 0; color: var(--soft); }
        h1 { margin: 0; font-size: 30px; line-height: 1.2; letter-spacing: -0.02em; }
        h2 { margin: 40px 0 12px; font-size: 18px; letter-spacing: -0.01em; }
        .tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(230px, 44%), 1fr)); gap: 12px; margin: 24px 0 12px; }
        .tiles div, figure, .sample, .table { background: var(--card); border: 1px solid var(--rule); border-radius: 10px; }
        .tiles div { padding: 12px 16px 11px; }
        .tiles b { display: block; font-size: 23px; line-height: 1.25; font-weight: 600; letter-spacing: -0.02em;
          font-variant-numeric: tabular-nums; white-space: nowrap; }
        .tiles span { color: var(--soft); font-size: 13px; }
        .charts { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 12px; }
        figure { margin: 0; padding: 14px 16px 8px; min-width: 0; }
        .wide { grid-column: 1 / -1; }
        figcaption { display: flex; flex-wrap: wrap; align-items: baseline; gap: 2px 8px; margin-bottom: 8px; }
        .unit { color: var(--soft); font-size: 13px; }
        .legend { margin-left: auto; display: flex; flex-wrap: wrap; gap: 2px 18px; font-size: 13px; color: var(--soft); }
        .legend em { font-style: normal; color: var(--ink); font-variant-numeric: tabular-nums; }
        .key { display: inline-block; width: 14px; height: 3px; border-radius: 2px; margin-right: 6px; vertical-align: 4px; }
        svg { display: block; width: 100%; height: auto; overflow: visible; }
        .grid { stroke: var(--rule); stroke-width: 1; }
        .axis { stroke: var(--soft); stroke-width: 1; opacity: 0.55; }
        .tick { fill: var(--soft); font-size: 11.5px; font-variant-numeric: tabular-nums; }
        .line { fill: none; stroke-width: 1.8; stroke-linejoin: round; stroke-linecap: round; }
        .band { opacity: 0.2; }
        .hover { fill: transparent; }
        .hover:hover { fill: var(--ink); opacity: 0.06; }
        .line.s0 { stroke: var(--s0); } .line.s1 { stroke: var(--s1); } .line.s2 { stroke: var(--s2); }
        .line.s3 { stroke: var(--s3); } .line.s4 { stroke: var(--s4); }
        .mark.s0, .band.s0 { fill: var(--s0); } .mark.s1 { fill: var(--s1); } .mark.s2 { fill: var(--s2); }
        .mark.s3 { fill: var(--s3); } .mark.s4 { fill: var(--s4); }
        .key.s0 { background: var(--s0); } .key.s1 { background: var(--s1); } .key.s2 { background: var(--s2); }
        .key.s3 { background: var(--s3); } .key.s4 { background: var(--s4); }
        .sample { margin: 0 0 12px; padding: 14px 18px; white-space: pre-wrap; overflow-wrap: anywhere;
          font: 13.5px/1.6 ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", "DejaVu Sans Mono", monospace; }
        .sample b { color: var(--s0); font-weight: 600; }
        .table { padding: 6px 18px; columns: 2 380px; column-gap: 44px; column-rule: 1px solid var(--rule); }
        .table div { display: flex; justify-content: space-between; gap: 24px; padding: 5px 0; font-size: 13.5px;
          break-inside: avoid; border-bottom: 1px solid var(--rule); }
        .table span { color: var(--soft); white-space: nowrap; }
        .table code { font: inherit; text-align: right; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
        @media (max-width: 720px) { .charts { grid-template-columns: minmax(0, 1fr); } .wide { overflow-x: auto; } .wide svg { min-width: 760px; }
          main { padding: 24px 12px 40px; } }
        @media print { body { background: none; } figure, .sample, .tiles div { break-inside: avoid; } }
        """;
}
