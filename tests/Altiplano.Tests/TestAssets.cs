namespace Altiplano.Tests;

/// <summary>Files that tests need and the project does not ship: tokenizers, checkpoints, text.</summary>
public static class TestAssets
{
    /// <summary>Path of an asset; skips the calling test, visibly, where ALTIPLANO_TEST_ASSETS does not name a folder that has it.</summary>
    public static string Require(string relativePath)
    {
        var folder = Environment.GetEnvironmentVariable("ALTIPLANO_TEST_ASSETS");
        if (string.IsNullOrEmpty(folder))
            Assert.Skip($"ALTIPLANO_TEST_ASSETS is not set; the test needs {relativePath} there");
        var path = Path.Combine(folder, relativePath);
        if (!Path.Exists(path))
            Assert.Skip($"{path} does not exist");
        return path;
    }
}
