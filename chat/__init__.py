"""The web chat: Gradio's Blocks on FastAPI, an adapter around the public functions of `rag`.

``library`` holds the index that is served, ``figures_view`` lists its figures, ``talking`` turns
questions into turns of a conversation, ``rendering`` turns answers into Markdown that no document
text can break out of, ``rebuilding`` and ``uploading`` change the index and its folder, ``page``
lays out the components, ``server`` mounts them behind a Host check and a Content-Security-Policy,
``static`` is what runs in the browser. Nothing here retrieves, reads or computes figures.
"""
