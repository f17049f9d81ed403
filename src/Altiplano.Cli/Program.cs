Console.WriteLine("altiplano");
