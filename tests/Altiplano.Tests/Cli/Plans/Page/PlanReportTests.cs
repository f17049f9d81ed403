using System.Text.RegularExpressions;
using System.Xml.Linq;
using Altiplano.Cli.Configuration;
using Altiplano.Cli.Plans;
using Altiplano.Cli.Plans.Page;
using Altiplano.Planning;
using Altiplano.Planning.Search;
using Altiplano.Tests.Planning.Search;

namespace Altiplano.Tests.Cli.Plans.Page;

public sealed partial class PlanReportTests
{
    private const string Hostile = "a <b>&\"'</b>";

    private static readonly PlanRequest Request = SearchSamples.Request(SearchSamples.Dense, SearchSamples.Cluster(16), 32, 32);

    private static readonly TrainingPlan Plan = new Planner(Request).Plan();

    [Fact]
    public void Of_APlan_IsWellFormedWithoutScriptOrNetwork()
    {
        var html = Page(Plan);

        html.ShouldStartWith("<!doctype html>");
        Parse(html).Descendants("script").ShouldBeEmpty();
        Parse(html).Descendants("link").ShouldBeEmpty();
        Parse(html).Descendants().Attributes().ShouldNotContain(a => a.Name == "src" || a.Name == "href");
        html.ShouldNotContain("url(");
        html.ShouldNotContain("@import");
    }

    [Fact]
    public void Of_APlan_ShowsEveryFigureWithItsInterval()
    {
        var text = TextOf(Page(Plan));

        var figures = PlanFigures.Of(Request, Plan.Main);
        (Figure Figure, Func<double, string> Show)[] shown =
        [
            (figures.StepSeconds, PlanWords.Step), (figures.TokensPerSecond, PlanWords.Count), (figures.Mfu, PlanWords.Percent), (figures.Hfu, PlanWords.Percent),
            (figures.MemoryBytes, PlanWords.Gibibytes), (figures.Goodput, PlanWords.Percent), (figures.Seconds, PlanWords.Days), (figures.GpuHours, PlanWords.Count),
            (figures.FacilityWatts, PlanWords.Megawatts), (figures.Joules, PlanWords.Energy), (figures.Dollars, PlanWords.Money),
        ];
        foreach (var (figure, show) in shown)
            text.ShouldContain($"{show(figure.Value)} {show(figure.Low)} {show(figure.High)}");
    }

    [Fact]
    public void Of_APlan_ShowsEveryListedLayoutAndWhatEachPartTakes()
    {
        var text = TextOf(Page(Plan));

        foreach (var candidate in Plan.Main.Best)
            text.ShouldContain(LayoutText.Of(candidate.Layout));
        foreach (var (name, _) in TimeParts.Of(Plan.Main.Winner.Step.Time).Where(p => p.Seconds > 0))
            text.ShouldContain(name);
        foreach (var (name, _) in MemoryParts.Of(Plan.Main.Winner.Step.Memory).Where(p => p.Bytes > 0))
            text.ShouldContain(name);
        foreach (var item in Sensitivity.Of(Plan))
            text.ShouldContain($"x {PlanHtml.F(item.Factor, "0.##")} {PlanWords.Change(item.Kept.Seconds)}");
        foreach (var section in new[] { "Layout", "Memory", "Time of a step", "Power", "Money", "Failures", "The best layouts", "Sensitivity", "How sure" })
            text.ShouldContain(section);
    }

    [Fact]
    public void Of_Names_AreEscaped()
    {
        var request = Request with
        {
            Model = Request.Model with { Name = Hostile },
            Cluster = Request.Cluster with { Name = Hostile, Sources = [Hostile], Server = Request.Cluster.Server with { Name = Hostile, Gpu = Request.Cluster.Gpu with { Name = Hostile } } },
            Phases = [new PlanPhase(Hostile, 1e8, 1024, 32, 32), new PlanPhase("rest", 9e9, 2048, 32, 32)],
        };

        var html = Page(new Planner(request).Plan() with { Notes = [Hostile] });

        html.ShouldNotContain("<b>&");
        Parse(html).Descendants("h1").Single().Value.ShouldBe($"{Hostile} on 16 {Hostile}");
        TextOf(html).ShouldContain(Hostile);
    }

    [Fact]
    public void Of_SeveralPhases_ShowsEach()
    {
        var phases = new[] { new PlanPhase("ramp", 1e8, 1024, 32, 32), new PlanPhase("long", 9e9, 2048, 32, 32) };

        var text = TextOf(Page(new Planner(Request with { Phases = phases }).Plan()));

        text.ShouldContain("Phases");
        text.ShouldContain("ramp 100M 32 x 1,024");
    }

    [Fact]
    public void Of_WithoutFailures_LeavesOutWhatRestsOnThem()
    {
        var text = TextOf(Page(new Planner(Request with { Reliability = null }).Plan()));

        text.ShouldNotContain("Goodput against checkpoint interval");
        text.ShouldContain("failures not counted");
    }

    [Fact]
    public void Of_EveryPolicyThatShips_HasACurve()
    {
        var shipped = PlanBackground.Of(PresetFolder.Shipped(), Request);

        var page = Parse(PlanReport.Of(Plan, shipped));

        shipped.Policies.Count.ShouldBeGreaterThan(4);
        page.Descendants("circle").Count(c => ((string?)c.Attribute("class"))?.StartsWith("dot ", StringComparison.Ordinal) == true).ShouldBeGreaterThan(3);
    }

    [Theory]
    [InlineData(true, "owned")]
    [InlineData(false, "rented")]
    public void Of_Money_IsThePlans(bool isOwned, string row)
    {
        var plan = new Planner(Request with { IsOwned = isOwned }).Plan();

        TextOf(Page(plan)).ShouldContain($"{row} {PlanWords.Money(plan.Dollars)}");
    }

    [Fact]
    public void Of_Bars_FillNoMoreThanTheirWidth()
    {
        foreach (var bar in Parse(Page(Plan)).Descendants("div").Where(d => (string?)d.Attribute("class") == "stack"))
            bar.Elements("i").Sum(i => double.Parse(Width().Match((string)i.Attribute("style")!).Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture)).ShouldBeInRange(0, 100.01);
    }

    private static string Page(TrainingPlan plan) => PlanReport.Of(plan, new PlanBackground(SearchSamples.Reliability.Policies, ["a measured run"]));

    private static XElement Parse(string html) => XDocument.Parse(html[html.IndexOf("<html", StringComparison.Ordinal)..]).Root!;

    /// <summary>The words of the page, one blank between the texts of two elements.</summary>
    private static string TextOf(string html) => Blanks().Replace(
        string.Join(' ', Parse(html).Element("body")!.DescendantNodes().OfType<XText>().Select(t => t.Value.Trim())), " ");

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();

    [GeneratedRegex(@"width:([0-9.]+)%")]
    private static partial Regex Width();
}
