"""The far end of a browser's call: a signaling server over HTTPS, and aiortc as the other party.

Runs in the internet's namespace as a process of its own:

    python -m laboratory.far_end ADDRESS CERTIFICATE ICE_JSON RESULT_FILE
"""

import asyncio
import json
import ssl
import sys
from pathlib import Path

from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc.contrib.media import MediaBlackhole
from aiortc.mediastreams import AudioStreamTrack, VideoStreamTrack

PAGE = """<!doctype html><meta charset=utf-8><title>call</title><video id=v autoplay muted></video>
<script>
const wait = ms => new Promise(done => setTimeout(done, ms));
async function call() {
  const configuration = CONFIGURATION;
  const media = await navigator.mediaDevices.getUserMedia(
      {audio: true, video: {width: 320, height: 240, frameRate: 10}});
  const pc = new RTCPeerConnection(configuration);
  for (const track of media.getTracks()) pc.addTrack(track, media);
  pc.ontrack = event => { document.getElementById('v').srcObject = event.streams[0]; };
  await pc.setLocalDescription(await pc.createOffer());
  for (let i = 0; i < 60 && pc.iceGatheringState != 'complete'; ++i) await wait(100);
  const answer = await fetch('/offer', {method: 'POST', body: JSON.stringify(pc.localDescription)});
  await pc.setRemoteDescription(await answer.json());
  await wait(DURATION);
  const stats = [];
  (await pc.getStats()).forEach(entry => stats.push(entry));
  await fetch('/result', {method: 'POST',
      body: JSON.stringify({state: pc.iceConnectionState, stats})});
  pc.close();
}
call().catch(error => fetch('/result', {method: 'POST',
    body: JSON.stringify({state: 'failed', error: String(error)})}));
</script>"""


class FarEnd:
    """Serves the page, answers one offer, keeps what the page says of the call."""

    def __init__(self, configuration, duration, result):
        self.page = (PAGE.replace("CONFIGURATION", json.dumps(configuration))
                     .replace("DURATION", str(int(duration * 1000)))).encode()
        self.result, self.connections = result, []

    async def serve(self, reader, writer):
        while True:
            try:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            except (asyncio.IncompleteReadError, ConnectionError):
                writer.close()
                return
            length = next((int(line.split(":")[1]) for line in head.split("\r\n")
                           if line.lower().startswith("content-length:")), 0)
            body = await reader.readexactly(length)
            status, kind, content = await self.answer(head.split()[1], body)
            writer.write(f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n"
                         f"Content-Length: {len(content)}\r\n\r\n".encode() + content)
            await writer.drain()

    async def answer(self, path, body):
        if path == "/":
            return "200 OK", "text/html", self.page
        if path == "/offer":
            return "200 OK", "application/json", await self.take(json.loads(body))
        if path == "/result":
            self.result.write_bytes(body)
            return "200 OK", "text/plain", b"thanks"
        return "404 Not Found", "text/plain", b"no"

    async def take(self, offer):
        """Answer an offer with silence and a green picture; throw away what comes."""
        connection = RTCPeerConnection()
        self.connections.append(connection)
        sink = MediaBlackhole()
        connection.on("track", sink.addTrack)
        await connection.setRemoteDescription(RTCSessionDescription(**offer))
        connection.addTrack(AudioStreamTrack())
        connection.addTrack(VideoStreamTrack())
        await connection.setLocalDescription(await connection.createAnswer())
        await sink.start()
        description = connection.localDescription
        return json.dumps({"sdp": description.sdp, "type": description.type}).encode()


async def main(address, certificate, configuration, result):
    settings = json.loads(configuration)
    far_end = FarEnd(settings["peer"], settings["seconds"], Path(result))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = await asyncio.start_server(far_end.serve, address, 443, ssl=context)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:5]))
