// .NET's HttpClient.
using System;
using System.Net.Http;
using System.Net.Http.Headers;

class Client
{
    static int Ask(HttpMethod method, string path)
    {
        using (var client = new HttpClient())
        {
            var asked = new HttpRequestMessage(method, Environment.GetEnvironmentVariable("DAYPASS") + path);
            asked.Headers.Authorization =
                new AuthenticationHeaderValue("Bearer", Environment.GetEnvironmentVariable("SECRET"));
            return (int)client.SendAsync(asked).Result.StatusCode;
        }
    }

    static void Main()
    {
        var question = Environment.GetEnvironmentVariable("QUESTION");
        Console.WriteLine(Ask(HttpMethod.Get, question) + " " + Ask(HttpMethod.Post, "/api/GetTemporaryToken"));
    }
}
